import { Command } from 'commander'
import type { Overview, Sinks } from '../../api/v1/schemas.ts'
import { isAbortOf, sleep } from '../../lib/wait.ts'
import { visibleJson } from '../../lib/visible-text.ts'
import { exitCodes, type ExitCode } from '../exit-code.ts'
import { flag, isGiven } from '../flag.ts'
import { printLine } from '../print.ts'
import { catchStopSignals } from '../shutdown.ts'
import { addClientFlags, type ClientFlags, clientNotes, openClient } from './client-flags.ts'
import { overviewLines, sinkLines } from './overview-text.ts'

/** Speeds are of the time between two questions. */
const betweenMs = 1_000

const notes = `${clientNotes}

Exit status: 0 it is well, 1 it is degraded or not ready, or cannot be asked, 2 the command line was not understood.

Examples:
  log-capturer status
  log-capturer status -c /etc/log-capturer/log-capturer.yaml
  log-capturer status --url https://10.0.0.7:8401 --ca-file ca.pem --token-file token
  log-capturer status --json | jq .overview.lines.in.perSecond`

export function statusVerb(done: (code: ExitCode) => void): Command {
  return addClientFlags(new Command('status'))
    .description('print how a running collector is: speeds, lag, queues, engines, sinks')
    .addOption(flag('--json', 'as {overview, sinks}, the answers of the API'))
    .addHelpText('after', notes)
    .action(async (flags: ClientFlags, command: Command) => {
      await using client = await openClient(flags)
      using shutdown = catchStopSignals(0, () => undefined)
      const { stop } = shutdown
      try {
        await client.get('/api/v1/overview', stop)
        await sleep(betweenMs, stop)
        const overview = (await client.get('/api/v1/overview', stop)) as Overview
        const sinks = (await client.get('/api/v1/sinks', stop)) as Sinks
        if (isGiven(command, '--json')) printLine(visibleJson({ overview, ...sinks }))
        else printLine([...overviewLines(overview), '', ...sinkLines(sinks)].join('\n'))
        done(overview.status === 'ok' ? exitCodes.ok : exitCodes.failure)
      } catch (error) {
        if (!isAbortOf(stop, error)) throw error
        done(exitCodes.failure)
      }
    })
}
