import { Command } from 'commander'
import { remoteReport, type WatchReport } from '../app/watch/remote-report.ts'
import { hasAborted, isAbortOf, sleep } from '../lib/wait.ts'
import { visibleJson } from '../lib/visible-text.ts'
import { addClientFlags, type ClientFlags, clientNotes, openClient } from './client/client-flags.ts'
import { type ExitCode, soakExitCodes } from './exit-code.ts'
import { flag, isGiven } from './flag.ts'
import { LiveText } from './live-text.ts'
import { printError, printLine } from './print.ts'
import { catchStopSignals } from './shutdown.ts'
import { exitCodeOf } from './soak/outcome.ts'
import { watchLine, watchLines } from './watch-lines.ts'

const everyMs = 5_000

const notes = `
A running collector looks at what it holds itself, and judges whether that grows with nothing to explain it. This asks it, every 5 s until
Ctrl-C, and changes nothing. How the verdict is reached: docs/watch.md.
${clientNotes}

Exit status, by the last verdict: 0 clean; 1 a leak; 2 not enough evidence; 3 the collector cannot be asked, or cannot read what it holds.

Examples:
  log-capturer watch
  log-capturer watch -c log-capturer.yaml --once --json
  log-capturer watch --url http://10.0.0.7:8401`

type Show = (report: WatchReport) => void

export function watchVerb(done: (code: ExitCode) => void): Command {
  return addClientFlags(new Command('watch'))
    .description(
      'does a running collector leak? What it says of its own descriptors, sockets, threads, timers and heap',
    )
    .option('--once', 'ask once')
    .addOption(flag('--json', 'as JSON, a document each time'))
    .addHelpText('after', notes)
    .action(async (flags: ClientFlags, command: Command) => {
      try {
        const isOnce = command.getOptionValue('once') === true
        const show = isGiven(command, '--json') ? showJson : isOnce ? showLines : showLive()
        done(await watch(flags, show, isOnce ? 'once' : 'until stopped'))
      } catch (error) {
        // Whatever it was: 1 would say that there is a leak.
        printError(error)
        done(soakExitCodes.invalid)
      }
    })
}

async function watch(flags: ClientFlags, show: Show, howLong: 'once' | 'until stopped'): Promise<ExitCode> {
  await using client = await openClient(flags)
  using shutdown = catchStopSignals(0, () => undefined)
  const { stop } = shutdown
  let code: ExitCode = soakExitCodes.open
  try {
    while (!hasAborted(stop)) {
      const report = await remoteReport(client, stop)
      show(report)
      code = exitCodeOf(report.outcome)
      if (howLong === 'once') break
      await sleep(everyMs, stop)
    }
  } catch (error) {
    if (!isAbortOf(stop, error)) throw error
  }
  return code
}

function showJson(report: WatchReport): void {
  printLine(visibleJson(report))
}

function showLines(report: WatchReport): void {
  printLine(watchLines(report).join('\n'))
}

/** In place on a terminal, a line each time elsewhere. */
function showLive(): Show {
  if (!process.stdout.isTTY) return (report) => printLine(watchLine(report))
  const live = new LiveText(process.stdout)
  return (report) => live.draw(watchLines(report))
}
