import { Command } from 'commander'
import type { CollectorClient } from '../../app/client/collector-client.ts'
import { ClientError } from '../../app/client/client-error.ts'
import type { Containers, Overview, Sinks } from '../../api/v1/schemas.ts'
import { hasAborted, isAbortOf, linkSignals, sleep } from '../../lib/wait.ts'
import { listenForEnd } from '../live-input.ts'
import { LiveText } from '../live-text.ts'
import { printLine } from '../print.ts'
import { catchStopSignals } from '../shutdown.ts'
import { addClientFlags, type ClientFlags, clientNotes, openClient } from './client-flags.ts'
import { containerLines, overviewLines, sinkLines } from './overview-text.ts'

const everyMs = 1_000
/** Without a terminal all containers are told. */
const endless = Number.MAX_SAFE_INTEGER

const notes = `${clientNotes}

On a terminal it is drawn again every second, until q or Ctrl-C; elsewhere, and with --once, it is printed once.

Examples:
  log-capturer top
  log-capturer top --once | sort -k5 -n
  log-capturer top --url http://10.0.0.7:8401`

export function topVerb(): Command {
  return addClientFlags(new Command('top'))
    .description('watch containers, streams and sinks of a running collector')
    .option('--once', 'print it once')
    .addHelpText('after', notes)
    .action(async (flags: ClientFlags & { readonly once?: true }) => {
      await using client = await openClient(flags)
      using shutdown = catchStopSignals(0, () => undefined)
      try {
        if (flags.once || !process.stdout.isTTY) await printOnce(client, shutdown.stop)
        else await drawUntilEnd(client, shutdown.stop)
      } catch (error) {
        if (!isAbortOf(shutdown.stop, error)) throw error
      }
    })
}

async function printOnce(client: CollectorClient, signal: AbortSignal): Promise<void> {
  // Speeds are of the time between two questions.
  await look(client, endless, signal)
  await sleep(everyMs, signal)
  printLine((await look(client, endless, signal)).join('\n'))
}

async function drawUntilEnd(client: CollectorClient, stop: AbortSignal): Promise<void> {
  const wish = new AbortController()
  using _keys = listenForEnd(() => wish.abort(new Error('it was asked to end')))
  using either = linkSignals(stop, wish.signal)
  const { signal } = either
  const live = new LiveText(process.stdout)
  let isFirst = true
  try {
    while (!hasAborted(signal)) {
      live.draw(await drawn(client, isFirst, signal))
      isFirst = false
      await sleep(everyMs, signal)
    }
  } catch (error) {
    if (!isAbortOf(signal, error)) throw error
  }
}

/** A collector that restarts is waited for, once it was there. */
async function drawn(client: CollectorClient, isFirst: boolean, signal: AbortSignal): Promise<readonly string[]> {
  const rows = Math.max(10, process.stdout.rows) - 1
  try {
    return (await look(client, rows, signal)).slice(0, rows)
  } catch (error) {
    if (isFirst || !(error instanceof ClientError)) throw error
    return [error.message, 'it is asked again every second; q ends']
  }
}

/** `rows`: lines at the most; containers get what the others leave. */
async function look(client: CollectorClient, rows: number, signal: AbortSignal): Promise<readonly string[]> {
  const [overview, sinks, containers] = (await Promise.all(
    ['overview', 'sinks', 'containers'].map((what) => client.get(`/api/v1/${what}`, signal)),
  )) as [Overview, Sinks, Containers]
  const above = [...overviewLines(overview), '', ...sinkLines(sinks), '']
  // Head, and what says how many more there are.
  return [...above, ...containerLines(containers, Math.max(1, rows - above.length - 2))]
}
