import type { FunctionComponent } from 'preact'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { formatBytes, formatCount } from '../lib/format.ts'
import type { Entry, LineEntry } from './line-buffer.ts'
import { shownLine } from './shown-line.ts'

/** As in style.css. */
export const rowHeight = 20
/** Rows beyond the edges, so that a scroll shows no hole. */
const beyond = 10
/** A browser rounds places of scrolling. */
const tolerance = 4

interface LineListProps {
  readonly entries: readonly Entry[]
  /** Stays at the end, where the newest are. */
  readonly isFollowing: boolean
  /** Somebody wants to look at what is there. */
  readonly onPause: () => void
  readonly selected: number | undefined
  readonly onSelect: (entry: LineEntry) => void
  readonly onKey: (event: KeyboardEvent) => void
}

/** Any number of lines, of which only those in view exist in the document. */
export const LineList: FunctionComponent<LineListProps> = (props) => {
  const { entries, isFollowing, onPause, selected, onSelect, onKey } = props
  const place = useRef<HTMLDivElement>(null)
  const setTop = useRef(0)
  const [view, setView] = useState({ top: 0, height: 600 })

  useEffect(() => {
    const element = place.current!
    const measured = new ResizeObserver(() => setView({ top: element.scrollTop, height: element.clientHeight }))
    measured.observe(element)
    return () => measured.disconnect()
  }, [])
  useLayoutEffect(() => {
    const element = place.current!
    if (isFollowing) element.scrollTop = entries.length * rowHeight
    setTop.current = element.scrollTop
  })

  // What is selected stays in view, also when the list becomes shorter to show it in full.
  useLayoutEffect(() => {
    const index = selected === undefined ? -1 : entries.findIndex(({ id }) => id === selected)
    if (index < 0) return
    const element = place.current!
    const top = index * rowHeight
    if (top < element.scrollTop) element.scrollTop = top
    else if (top + rowHeight > element.scrollTop + element.clientHeight)
      element.scrollTop = top + rowHeight - element.clientHeight
  }, [selected, view.height])

  const onScroll = () => {
    const element = place.current!
    if (isFollowing && element.scrollTop < setTop.current - tolerance) onPause()
    if (!isFollowing) setView({ top: element.scrollTop, height: element.clientHeight })
  }
  const rows = Math.ceil(view.height / rowHeight)
  const end = isFollowing ? entries.length : Math.min(entries.length, Math.floor(view.top / rowHeight) + rows + beyond)
  const begin = Math.max(0, isFollowing ? end - rows - 1 : Math.floor(view.top / rowHeight) - beyond)
  return (
    <div
      ref={place}
      class="lines"
      tabIndex={0}
      role="listbox"
      aria-label="Lines"
      aria-activedescendant={selected === undefined ? undefined : `line-${selected}`}
      onScroll={onScroll}
      onKeyDown={onKey}
    >
      <div class="spacer" style={{ height: `${entries.length * rowHeight}px` }}>
        {entries.slice(begin, end).map((entry, index) => (
          // A row is used again for what is in its place next: nothing is made while lines run through.
          <Row
            key={(begin + index) % (rows + 2 * beyond + 2)}
            entry={entry}
            top={(begin + index) * rowHeight}
            isSelected={entry.id === selected}
            onSelect={onSelect}
          />
        ))}
      </div>
    </div>
  )
}

interface RowProps {
  readonly entry: Entry
  readonly top: number
  readonly isSelected: boolean
  readonly onSelect: (entry: LineEntry) => void
}

const Row: FunctionComponent<RowProps> = ({ entry, top, isSelected, onSelect }) => {
  const style = { transform: `translateY(${top}px)` }
  if (entry.kind === 'skip')
    return (
      <div class="line skip-mark" style={style} role="option" aria-selected="false" aria-disabled="true">
        {formatCount(entry.count)} lines skipped: more came than are shown
      </div>
    )
  const { line, level, hue } = entry
  const { time, text, fields } = shownLine(entry)
  return (
    <div
      id={`line-${entry.id}`}
      class={`line ${level} ${line.stream} ${isSelected ? 'selected' : ''}`}
      style={style}
      role="option"
      aria-selected={isSelected}
      onClick={() => onSelect(entry)}
    >
      <span class="time">{time}</span>
      <span class={`container hue-${hue}`}>{line.container}</span>
      <span class="level">{level === 'none' ? '' : level}</span>
      <span class="text">
        {text}
        {fields !== '' && <span class="fields"> {fields}</span>}
        {line.cutBytes !== undefined && <span class="fields"> … {formatBytes(line.cutBytes)} more</span>}
      </span>
    </div>
  )
}
