import type { FunctionComponent } from 'preact'
import { useState } from 'preact/hooks'
import type { Containers } from '../../src/api/v1/schemas.ts'
import { type ContainerSort, type Container, filterContainers, sortContainers } from '../lib/container-table.ts'
import { formatAgo, formatCount, formatRate, formatSeconds } from '../lib/format.ts'
import { useFeed } from '../lib/use-feed.ts'
import { Loading, State, type Tone } from '../parts/common.tsx'

/** More rows than anybody reads, and as many as are quickly drawn. */
const maxRows = 500

const columns: readonly { readonly key: ContainerSort['by']; readonly title: string; readonly isNumber?: true }[] = [
  { key: 'name', title: 'Name' },
  { key: 'image', title: 'Image' },
  { key: 'state', title: 'State' },
  { key: 'reader', title: 'Read from' },
  { key: 'streams', title: 'Streams' },
  { key: 'rate', title: 'Lines/s', isNumber: true },
  { key: 'lines', title: 'Lines', isNumber: true },
  { key: 'lag', title: 'Lag', isNumber: true },
  { key: 'lastLine', title: 'Last line' },
  { key: 'gaps', title: 'Gaps', isNumber: true },
]

const states: Readonly<Record<Container['state'], { readonly word: string; readonly tone: Tone }>> = {
  starting: { word: 'starting', tone: 'idle' },
  catching_up: { word: 'catching up', tone: 'warn' },
  following: { word: 'following', tone: 'good' },
  in_turns: { word: 'in turns', tone: 'warn' },
  ended: { word: 'ended', tone: 'idle' },
  unreadable: { word: 'unreadable', tone: 'bad' },
  left_out: { word: 'left out', tone: 'idle' },
}

export const ContainersPage: FunctionComponent = () => {
  const { value, error } = useFeed<Containers>('containers', 2_000)
  const [text, setText] = useState('')
  const [state, setState] = useState('')
  const [sort, setSort] = useState<ContainerSort>({ by: 'name', direction: 'ascending' })
  if (!value) return <Loading error={error} />
  const wanted = sortContainers(filterContainers(value.containers, { text, state }), sort)
  const shown = wanted.slice(0, maxRows)
  return (
    <>
      <div class="controls">
        <label>
          Filter
          <input
            type="search"
            value={text}
            placeholder="name, image or id"
            onInput={(event) => setText(event.currentTarget.value)}
          />
        </label>
        <label>
          State
          <select value={state} onChange={(event) => setState(event.currentTarget.value)}>
            <option value="">all</option>
            {Object.entries(states).map(([key, { word }]) => (
              <option key={key} value={key}>
                {word}
              </option>
            ))}
          </select>
        </label>
        <span class="muted" role="status">
          {formatCount(wanted.length)} of {formatCount(value.containers.length)}
          {wanted.length > shown.length && `, the first ${maxRows} are shown`}
        </span>
      </div>
      <div class="panel flush">
        <div class="scroll" tabIndex={0} role="region" aria-label="Containers">
          <table class="dense">
            <thead>
              <tr>
                {columns.map((column) => (
                  <Heading key={column.key} column={column} sort={sort} onSort={setSort} />
                ))}
                <th scope="col">Why it is not read</th>
              </tr>
            </thead>
            <tbody>
              {shown.map((container) => (
                <Row key={`${container.source}/${container.id}`} container={container} />
              ))}
            </tbody>
          </table>
        </div>
        {wanted.length === 0 && <p class="empty">No container is like that.</p>}
      </div>
    </>
  )
}

interface HeadingProps {
  readonly column: (typeof columns)[number]
  readonly sort: ContainerSort
  readonly onSort: (sort: ContainerSort) => void
}

const Heading: FunctionComponent<HeadingProps> = ({ column: { key, title, isNumber }, sort, onSort }) => {
  const isCurrent = sort.by === key
  const next = isCurrent && sort.direction === 'ascending' ? 'descending' : 'ascending'
  // The largest of a number is what is looked for.
  const first = isNumber === true ? 'descending' : 'ascending'
  return (
    <th scope="col" class={isNumber === true ? 'number' : ''} aria-sort={isCurrent ? sort.direction : 'none'}>
      <button type="button" class="sort" onClick={() => onSort({ by: key, direction: isCurrent ? next : first })}>
        {title}
        <span aria-hidden="true">{isCurrent ? (sort.direction === 'ascending' ? ' ↑' : ' ↓') : ''}</span>
      </button>
    </th>
  )
}

const Row: FunctionComponent<{ readonly container: Container }> = ({ container }) => {
  const { id, name, image, state, reader, streams, lines, lagSeconds, lastLineAt, gaps, reason } = container
  const { word, tone } = states[state]
  return (
    <tr data-container={name}>
      <td>
        <a
          href={`#/tail?${new URLSearchParams({ container: name }).toString()}`}
          title={`${id.slice(0, 12)}: look at its lines`}
        >
          {name}
        </a>
      </td>
      <td class="clip" title={image}>
        {image}
      </td>
      <td>
        <State tone={tone}>{word}</State>
      </td>
      <td>{reader === null ? '–' : reader === 'files' ? 'log files' : 'engine'}</td>
      <td>{streams.join(', ') || '–'}</td>
      <td class="number">{formatRate(lines.perSecond)}</td>
      <td class="number" data-test="lines">
        {formatCount(lines.total)}
      </td>
      <td class="number">{lagSeconds === null ? '–' : formatSeconds(lagSeconds)}</td>
      <td title={lastLineAt ?? ''}>{formatAgo(lastLineAt)}</td>
      <td class={`number ${gaps > 0 ? 'warn-text' : ''}`}>{formatCount(gaps)}</td>
      <td class="muted">{reason ?? ''}</td>
    </tr>
  )
}
