import type { FunctionComponent } from 'preact'
import { useState } from 'preact/hooks'
import { formatCount, formatRate } from '../lib/format.ts'
import { CopyButton } from '../parts/copy-button.tsx'
import { State } from '../parts/common.tsx'
import { Folded } from '../parts/folded.tsx'
import { linesAsText, saveLines } from '../tail/export-lines.ts'
import type { Entry, LineEntry } from '../tail/line-buffer.ts'
import { LineDetail } from '../tail/line-detail.tsx'
import { LineList } from '../tail/line-list.tsx'
import { useTail } from '../tail/use-tail.ts'
import { WishControls } from '../tail/wish-controls.tsx'
import { noWishes, type Wishes } from '../tail/wishes.ts'

/** What was there when somebody began to look. */
interface Pause {
  readonly entries: readonly Entry[]
  readonly received: number
}

export const TailPage: FunctionComponent<{ readonly query: URLSearchParams }> = ({ query }) => {
  const [wishes, setWishes] = useState<Wishes>({ ...noWishes, containers: query.getAll('container').join(', ') })
  const { buffer, trouble, perSecond, clear } = useTail(wishes)
  const [paused, setPaused] = useState<Pause>()
  const [selected, setSelected] = useState<LineEntry>()
  const entries = paused?.entries ?? buffer.shown
  const pause = () => setPaused((before) => before ?? { entries: [...buffer.shown], received: buffer.received })
  const follow = () => {
    setPaused(undefined)
    setSelected(undefined)
  }
  const select = (entry: LineEntry) => {
    pause()
    setSelected(entry)
  }
  const onKey = keysOf({ entries, selected, select, follow, pause, isPaused: paused !== undefined })
  return (
    <div class="tail">
      <Folded title="What is shown">
        <WishControls
          wishes={wishes}
          onChange={(next) => {
            setWishes(next)
            follow()
          }}
        />
      </Folded>
      <div class="controls">
        <button type="button" onClick={paused ? follow : pause} aria-pressed={paused !== undefined}>
          {paused ? 'Go on' : 'Pause'}
        </button>
        <button type="button" disabled={paused === undefined} onClick={follow}>
          Jump to the newest
        </button>
        <CopyButton text={() => linesAsText(entries)} what="lines" />
        <button type="button" onClick={() => saveLines(entries)}>
          Download
        </button>
        <button
          type="button"
          onClick={() => {
            clear()
            follow()
          }}
        >
          Clear
        </button>
        <span class="grow" />
        <Status {...{ trouble, perSecond, paused, buffer }} shown={entries.length} />
      </div>
      <LineList
        entries={entries}
        isFollowing={paused === undefined}
        onPause={pause}
        selected={selected?.id}
        onSelect={select}
        onKey={onKey}
      />
      {selected && <LineDetail entry={selected} onClose={() => setSelected(undefined)} />}
    </div>
  )
}

interface StatusProps {
  readonly trouble: string | undefined
  readonly perSecond: number
  readonly paused: Pause | undefined
  readonly buffer: { readonly received: number; readonly skipped: number }
  readonly shown: number
}

const Status: FunctionComponent<StatusProps> = ({ trouble, perSecond, paused, buffer, shown }) => (
  <span class="tail-status">
    {trouble !== undefined ? (
      <State tone="bad">{trouble}</State>
    ) : paused ? (
      <State tone="warn">paused, {formatCount(buffer.received - paused.received)} more have come</State>
    ) : (
      <State tone="good">live</State>
    )}
    <span class="number">{formatRate(perSecond)} lines/s</span>
    <span class="number">{formatCount(shown)} shown</span>
    <span class={`number ${buffer.skipped > 0 ? 'warn-text' : ''}`} data-test="skipped">
      {formatCount(buffer.skipped)} skipped
    </span>
  </span>
)

interface KeyParts {
  readonly entries: readonly Entry[]
  readonly selected: LineEntry | undefined
  readonly isPaused: boolean
  readonly select: (entry: LineEntry) => void
  readonly follow: () => void
  readonly pause: () => void
}

/** Space pauses and goes on, the arrows go from line to line, End jumps to the newest, Escape goes on. */
function keysOf({ entries, selected, isPaused, select, follow, pause }: KeyParts): (event: KeyboardEvent) => void {
  const step = (by: 1 | -1) => {
    const at = selected === undefined ? entries.length : entries.indexOf(selected)
    for (let i = at + by; i >= 0 && i < entries.length; i += by) {
      const entry = entries[i]!
      if (entry.kind !== 'line') continue
      select(entry)
      return
    }
  }
  const actions: Readonly<Record<string, () => void>> = {
    ' ': isPaused ? follow : pause,
    ArrowUp: () => step(-1),
    ArrowDown: () => step(1),
    End: follow,
    Escape: follow,
  }
  return (event) => {
    const action = actions[event.key]
    if (action === undefined || event.ctrlKey || event.metaKey) return
    event.preventDefault()
    action()
  }
}
