import type { FunctionComponent } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import type { Containers, PipelineView } from '../../src/api/v1/schemas.ts'
import { useFeed } from '../lib/use-feed.ts'
import type { Wishes } from './wishes.ts'

interface WishProps {
  readonly wishes: Wishes
  readonly onChange: (wishes: Wishes) => void
}

/** What is to be seen. */
export const WishControls: FunctionComponent<WishProps> = ({ wishes, onChange }) => {
  const { value: pipeline } = useFeed<PipelineView>('pipeline', 30_000)
  const set = (changed: Partial<Wishes>) => onChange({ ...wishes, ...changed })
  const places = pipeline?.components.filter(({ kind }) => kind !== 'sink') ?? []
  return (
    <div class="controls" role="group" aria-label="What is shown">
      <label class="wide">
        Containers
        <input
          type="search"
          value={wishes.containers}
          placeholder="all; or web-*, db-?"
          onInput={(event) => set({ containers: event.currentTarget.value })}
        />
      </label>
      <ContainerChoice wishes={wishes} onChange={onChange} />
      <TextWish
        title="With"
        text={wishes.include}
        isPattern={wishes.includeIsPattern}
        onChange={(include, includeIsPattern) => set({ include, includeIsPattern })}
      />
      <TextWish
        title="Without"
        text={wishes.exclude}
        isPattern={wishes.excludeIsPattern}
        onChange={(exclude, excludeIsPattern) => set({ exclude, excludeIsPattern })}
      />
      <label>
        Level
        <select value={wishes.level} onChange={(event) => set({ level: event.currentTarget.value as Wishes['level'] })}>
          <option value="all">all</option>
          <option value="info">info and graver</option>
          <option value="warn">warnings and errors</option>
          <option value="error">errors</option>
        </select>
      </label>
      <label>
        Stream
        <select
          value={wishes.stream}
          onChange={(event) => set({ stream: event.currentTarget.value as Wishes['stream'] })}
        >
          <option value="">both</option>
          <option value="stdout">stdout</option>
          <option value="stderr">stderr</option>
        </select>
      </label>
      <label>
        Behind
        <select value={wishes.at} onChange={(event) => set({ at: event.currentTarget.value })}>
          <option value="">all sources</option>
          {places.map(({ id, kind }) => (
            <option key={id} value={id}>
              {kind} {id}
            </option>
          ))}
        </select>
      </label>
    </div>
  )
}

interface TextProps {
  readonly title: string
  readonly text: string
  readonly isPattern: boolean
  readonly onChange: (text: string, isPattern: boolean) => void
}

const TextWish: FunctionComponent<TextProps> = ({ title, text, isPattern, onChange }) => {
  const problem = isPattern ? problemOf(text) : undefined
  return (
    <div class="with-toggle">
      <label>
        {title}
        <input
          type="search"
          value={text}
          placeholder={isPattern ? 'regular expression' : 'text'}
          aria-invalid={problem !== undefined}
          title={problem ?? ''}
          onInput={(event) => onChange(event.currentTarget.value, isPattern)}
        />
      </label>
      <button
        type="button"
        aria-pressed={isPattern}
        aria-label={`${title}: as a regular expression`}
        title="as a regular expression"
        onClick={() => onChange(text, !isPattern)}
      >
        .*
      </button>
    </div>
  )
}

function problemOf(text: string): string | undefined {
  try {
    new RegExp(text, 'u')
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

const ContainerChoice: FunctionComponent<WishProps> = ({ wishes, onChange }) => {
  const { value } = useFeed<Containers>('containers', 10_000)
  const chosen = wishes.containers.split(',').flatMap((name) => name.trim() || [])
  const names = [
    ...new Set(value?.containers.filter(({ state }) => state !== 'left_out').map(({ name }) => name)),
  ].sort()
  const toggle = (name: string, isChosen: boolean) => {
    const next = isChosen ? [...chosen, name] : chosen.filter((one) => one !== name)
    onChange({ ...wishes, containers: next.join(', ') })
  }
  const place = useRef<HTMLDetailsElement>(null)
  useClosing(place)
  return (
    <details class="choice" ref={place}>
      <summary>Choose</summary>
      <div class="menu">
        {names.map((name) => (
          <label key={name}>
            <input
              type="checkbox"
              checked={chosen.includes(name)}
              onChange={(event) => toggle(name, event.currentTarget.checked)}
            />
            {name}
          </label>
        ))}
        {names.length === 0 && <span class="muted">none</span>}
      </div>
    </details>
  )
}

/** Closes with Escape, and when somebody goes on elsewhere. */
function useClosing(place: { readonly current: HTMLDetailsElement | null }): void {
  useEffect(() => {
    const close = () => {
      if (place.current) place.current.open = false
    }
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== 'Escape' || place.current?.open !== true) return
      close()
      place.current.querySelector('summary')?.focus()
    }
    const onPress = (event: Event) => {
      if (place.current?.contains(event.target as Node) !== true) close()
    }
    addEventListener('keydown', onKey)
    addEventListener('pointerdown', onPress)
    return () => {
      removeEventListener('keydown', onKey)
      removeEventListener('pointerdown', onPress)
    }
  }, [])
}
