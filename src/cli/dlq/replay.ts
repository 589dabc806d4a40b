import { Command, InvalidArgumentError, Option } from 'commander'
import type { DeadLetterOffice, ReplayState } from '../../app/dead-letters/open-office.ts'
import { LogCapturerError } from '../../lib/error.ts'
import { sleep } from '../../lib/wait.ts'
import { visibleText } from '../../lib/visible-text.ts'
import { exitCodes, type ExitCode } from '../exit-code.ts'
import { printComplaint, printLine } from '../print.ts'
import { catchStopSignals } from '../shutdown.ts'
import { counted } from '../../lib/words.ts'
import { addSelection, type SelectionFlags, selectionOf, tellMissing } from './selection.ts'
import { addOfficeFlags, type OfficeFlags, withOffice } from './with-office.ts'

/** Another replay has begun before the end of this one was seen. */
class ReplayUnseenError extends LogCapturerError {
  readonly code = 'REPLAY_UNSEEN'
}

const notes = `
Each letter that is there at the beginning is sent once, whole, one after the other. Where the destination cannot take lines now the letter
waits for it. Ctrl-C ends a replay of this program; one that a running collector does goes on there.

Exit status: 0 all was delivered, 1 something is left, 2 the command was not understood.

Examples:
  log-capturer dlq replay --all
  log-capturer dlq replay --sink loki --rate 500
  log-capturer dlq replay 1-g 1-4x -c log-capturer.yaml`

type Flags = OfficeFlags & SelectionFlags & { readonly rate: number }

const lookEveryMs = 200
const tellEveryMs = 10_000
/** A send that is on its way is given up when asked to end: there is nothing to drain. */
const drainTimeoutMs = 1

export function replayVerb(done: (code: ExitCode) => void): Command {
  return addOfficeFlags(addSelection(new Command('replay')))
    .description('send letters to their sinks again; what is refused once more is kept')
    .addHelpText('after', notes)
    .addOption(new Option('--rate <lines>', 'lines a second').argParser(rate).default(1_000))
    .action(async (ids: readonly string[], flags: Flags, command: Command) => {
      const request = { selection: selectionOf(ids, flags, command), linesPerSecond: flags.rate }
      using shutdown = catchStopSignals(drainTimeoutMs, () => undefined)
      const code = await withOffice(flags, async ({ office, isRemote }) => {
        const begun = await office.replay(request)
        const state = await untilEnded(office, begun, shutdown.stop)
        if (state.isRunning)
          printComplaint(
            isRemote
              ? 'the collector goes on with the replay'
              : 'the replay ends here; what is left can be replayed again',
          )
        return tell(state)
      })
      done(code)
    })
}

function rate(text: string): number {
  const lines = Number(text)
  if (!/^\d+$/.test(text) || lines < 1) throw new InvalidArgumentError('a number of lines a second, 1 or more')
  return lines
}

/** The replay when it has ended, or when `stop` aborts. */
async function untilEnded(office: DeadLetterOffice, begun: ReplayState, stop: AbortSignal): Promise<ReplayState> {
  let state: ReplayState = begun
  let tellAtMs = performance.now() + tellEveryMs
  let toldTrouble: string | undefined
  while (state.isRunning && !stop.aborted) {
    await sleep(lookEveryMs, stop).catch(() => undefined) // Woken by the signal: looked at above.
    const seen = await office.replayState()
    if (seen?.startedAt !== begun.startedAt)
      throw new ReplayUnseenError('another replay has begun, and how this one ended cannot be told any more', {
        hint: 'log-capturer dlq list shows what is left',
      })
    state = seen
    if (state.trouble !== undefined && state.trouble !== toldTrouble)
      printComplaint(`waiting: ${visibleText(state.trouble)}`)
    toldTrouble = state.trouble
    if (performance.now() < tellAtMs) continue
    printComplaint(
      `so far ${counted(state.linesDelivered, 'line')} delivered, ${counted(state.linesRejected, 'line')} refused`,
    )
    tellAtMs = performance.now() + tellEveryMs
  }
  return state
}

function tell(state: ReplayState): ExitCode {
  const { isRunning, letters, linesDelivered, linesRejected, withoutSink, missing, damaged, failure } = state
  const absent = Object.entries(withoutSink)
  const isNothing =
    !isRunning && letters + absent.length + missing.length + damaged.length === 0 && failure === undefined
  printLine(
    isNothing
      ? 'There are no such dead letters: nothing was sent.'
      : `${counted(letters, 'letter')} sent again: ${counted(linesDelivered, 'line')} delivered, ${linesRejected} refused once more and kept`,
  )
  if (linesRejected > 0) printComplaint('dlq list shows why lines were refused once more')
  for (const [sink, count] of absent)
    printComplaint(`${counted(count, 'letter')} kept: there is no sink "${visibleText(sink)}" in the configuration`)
  tellMissing(missing)
  if (damaged.length > 0) printComplaint(`damaged on disk, and kept: ${damaged.join(', ')}; dlq drop removes them`)
  if (failure !== undefined)
    printComplaint(`the replay ended early: ${visibleText(failure)}; what is left can be replayed again`)
  const isWhole =
    !isRunning && failure === undefined && linesRejected + absent.length + missing.length + damaged.length === 0
  return isWhole ? exitCodes.ok : exitCodes.failure
}
