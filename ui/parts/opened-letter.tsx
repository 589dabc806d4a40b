import type { FunctionComponent } from 'preact'
import type { DeadLetterLine, OpenedDeadLetter } from '../../src/api/dead-letter-office.ts'
import { formatCount } from '../lib/format.ts'
import { useFeed } from '../lib/use-feed.ts'
import { visibleText } from '../lib/visible-text.ts'
import { Loading } from './common.tsx'

const shownLines = 100
const shownChars = 2_000

/** The first lines of a dead letter. */
export const OpenedLetter: FunctionComponent<{ readonly id: string }> = ({ id }) => {
  const { value, error } = useFeed<OpenedDeadLetter>(`dead-letters/${id}?limit=${shownLines}`, 60_000)
  if (!value) return <Loading error={error} />
  return (
    <>
      <pre class="code" tabIndex={0} aria-label="Its lines">
        {value.content.map((line, index) => (
          <div key={index}>
            <span class="muted">
              {line.time} {line.container} {line.stream}
            </span>{' '}
            {textOf(line)}
          </div>
        ))}
      </pre>
      {value.lines > value.content.length && (
        <p class="muted small">
          The first {value.content.length} of {formatCount(value.lines)} lines.
        </p>
      )}
    </>
  )
}

function textOf({ text, base64 }: DeadLetterLine): string {
  const whole = text ?? `not UTF-8, as base64: ${base64 ?? ''}`
  const shown = visibleText(whole.slice(0, shownChars))
  return whole.length > shownChars ? `${shown} … ${formatCount(whole.length - shownChars)} more characters` : shown
}
