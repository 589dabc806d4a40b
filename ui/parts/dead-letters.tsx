import type { FunctionComponent } from 'preact'
import { useState } from 'preact/hooks'
import type {
  DeadLetter,
  DeadLetterList,
  DeadLetterSelection,
  DroppedLetters,
  ReplayState,
} from '../../src/api/dead-letter-office.ts'
import { change } from '../lib/api.ts'
import { formatAgo, formatBytes, formatCount } from '../lib/format.ts'
import { useFeed } from '../lib/use-feed.ts'
import { visibleText } from '../lib/visible-text.ts'
import { OpenedLetter } from './opened-letter.tsx'

/** Lines that destinations have refused for good: look at them, send them again, drop them. */
export const DeadLetters: FunctionComponent = () => {
  const [sink, setSink] = useState('')
  const query = new URLSearchParams({ limit: '100', ...(sink === '' ? {} : { sink }) })
  const { value, error, refresh } = useFeed<DeadLetterList>(`dead-letters?${query.toString()}`, 2_000)
  const [said, setSaid] = useState('')
  const [asked, setAsked] = useState<{ readonly text: string; readonly selection: DeadLetterSelection }>()
  const [opened, setOpened] = useState<string>()

  const perform = async (what: () => Promise<string>) => {
    try {
      setSaid(await what())
    } catch (reason) {
      setSaid((reason as Error).message)
    }
    refresh()
  }
  const replay = (selection: DeadLetterSelection) =>
    void perform(async () => {
      await change<ReplayState>('POST', 'dead-letters/replay', selection)
      return 'Sending again has begun.'
    })
  const drop = (selection: DeadLetterSelection) =>
    void perform(async () => {
      const { letters } = await change<DroppedLetters>('DELETE', 'dead-letters', selection)
      setAsked(undefined)
      return `${formatCount(letters)} dropped.`
    })

  const all: DeadLetterSelection = sink === '' ? { all: true } : { sink }
  const letters = value?.letters ?? []
  return (
    <section class="panel" aria-labelledby="dead-letters">
      <h2 id="dead-letters">
        Dead letters{' '}
        <span class="muted">
          {value
            ? `${formatCount(value.totals.reduce((sum, one) => sum + one.letters, 0))}, ${formatBytes(value.bytes)} on disk`
            : ''}
        </span>
      </h2>
      <p class="muted">Lines that a destination refused for good, kept until they are sent again or dropped.</p>
      <div class="controls">
        <label>
          Sink
          <select value={sink} onChange={(event) => setSink(event.currentTarget.value)}>
            <option value="">all</option>
            {value?.totals.map((one) => (
              <option key={one.sink} value={one.sink}>
                {one.sink} ({formatCount(one.letters)})
              </option>
            ))}
          </select>
        </label>
        <button type="button" disabled={letters.length === 0} onClick={() => replay(all)}>
          Send all again
        </button>
        <button
          type="button"
          class="danger"
          disabled={letters.length === 0}
          onClick={() =>
            setAsked({ text: sink === '' ? 'all dead letters' : `all dead letters of ${sink}`, selection: all })
          }
        >
          Drop all
        </button>
        <span role="status">{said || error}</span>
      </div>
      {asked && (
        <div class="note bad" role="alertdialog" aria-label="Drop?">
          Drop {asked.text}? The lines are gone then.{' '}
          <button type="button" class="danger" onClick={() => drop(asked.selection)}>
            Drop
          </button>{' '}
          <button type="button" onClick={() => setAsked(undefined)}>
            Keep
          </button>
        </div>
      )}
      {value?.replay && <Replay replay={value.replay} />}
      {letters.length > 0 && (
        <div class="scroll" tabIndex={0} role="region" aria-label="Dead letters">
          <table class="dense">
            <thead>
              <tr>
                <th scope="col">Refused</th>
                <th scope="col">Sink</th>
                <th scope="col">Reason</th>
                <th scope="col" class="number">
                  Lines
                </th>
                <th scope="col" class="number">
                  Bytes
                </th>
                <th scope="col" class="number">
                  Times
                </th>
                <th scope="col">Do</th>
              </tr>
            </thead>
            <tbody>
              {letters.map((letter) => (
                <Letter
                  key={letter.id}
                  letter={letter}
                  isOpen={opened === letter.id}
                  onOpen={() => setOpened(opened === letter.id ? undefined : letter.id)}
                  onReplay={() => replay({ ids: [letter.id] })}
                  onDrop={() =>
                    setAsked({ text: `${formatCount(letter.lines)} lines`, selection: { ids: [letter.id] } })
                  }
                />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {value && letters.length === 0 && <p class="empty">There are none.</p>}
      {value?.next !== undefined && <p class="muted">The first {letters.length} are shown.</p>}
    </section>
  )
}

const Replay: FunctionComponent<{ readonly replay: ReplayState }> = ({ replay }) => {
  const { isRunning, letters, linesDelivered, linesRejected, trouble, failure } = replay
  return (
    <p class="small" data-test="replay" role="status">
      {isRunning ? 'Being sent again: ' : 'Sent again last: '}
      {formatCount(letters)} letters, {formatCount(linesDelivered)} lines delivered, {formatCount(linesRejected)}{' '}
      refused once more.{trouble !== undefined && ` ${visibleText(trouble)}`}
      {failure !== undefined && ` ${visibleText(failure)}`}
    </p>
  )
}

interface LetterProps {
  readonly letter: DeadLetter
  readonly isOpen: boolean
  readonly onOpen: () => void
  readonly onReplay: () => void
  readonly onDrop: () => void
}

const Letter: FunctionComponent<LetterProps> = ({ letter, isOpen, onOpen, onReplay, onDrop }) => {
  const { id, sink, reason, rejectedAt, lines, bytes, attempts } = letter
  return (
    <>
      <tr data-letter={id}>
        <td title={rejectedAt}>{formatAgo(rejectedAt)}</td>
        <td>{sink}</td>
        <td>{visibleText(reason)}</td>
        <td class="number">{formatCount(lines)}</td>
        <td class="number">{formatBytes(bytes)}</td>
        <td class="number">{formatCount(attempts)}</td>
        <td class="buttons">
          <div>
            <button type="button" aria-expanded={isOpen} onClick={onOpen}>
              Look
            </button>
            <button type="button" onClick={onReplay}>
              Send again
            </button>
            <button type="button" class="danger" onClick={onDrop}>
              Drop
            </button>
          </div>
        </td>
      </tr>
      {isOpen && (
        <tr>
          <td colSpan={7}>
            <OpenedLetter id={id} />
          </td>
        </tr>
      )}
    </>
  )
}
