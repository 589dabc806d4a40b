import { Command } from 'commander'
import pc from 'picocolors'
import { hasColors } from './colors.ts'
import { examineAll, type PlacedFinding } from '../app/doctor/examine.ts'
import { isAbortOf } from '../lib/wait.ts'
import { visibleJson, visibleText } from '../lib/visible-text.ts'
import { addConfigFlags, type ConfigFlags, findConfig } from './config-flags.ts'
import { exitCodes, type ExitCode } from './exit-code.ts'
import { flag, isGiven } from './flag.ts'
import { load } from './load.ts'
import { printLine } from './print.ts'
import { catchStopSignals } from './shutdown.ts'

const notes = `
Looks at the engine, at the log of every container that would be collected, at sinks, clocks, data_dir and limits. It reads only, needs no
collector, and runs beside one: run it as the user that the collector runs as.

  ok    nothing to do
  note  it works, and could do better
  mend  as it is, lines are not collected or not delivered, or soon will not be

Exit status: 0 nothing to mend, 1 something is, or the configuration cannot be used, 2 the command line was not understood.

Examples:
  log-capturer doctor
  log-capturer doctor -c log-capturer.yaml
  sudo -u log-capturer log-capturer doctor -c /etc/log-capturer/log-capturer.yaml
  log-capturer doctor --json | jq -r '.findings[] | select(.status == "mend") | .cure'`

const paint = pc.createColors(hasColors())
const marks = { ok: paint.green('ok  '), note: paint.yellow('note'), mend: paint.red('mend') } as const

export function doctorVerb(done: (code: ExitCode) => void): Command {
  return addConfigFlags(new Command('doctor'))
    .description('look whether a collector can work here, and say what to do where it cannot')
    .addOption(flag('--json', 'as {status, findings}'))
    .addHelpText('after', notes)
    .action(async (flags: ConfigFlags, command: Command) => {
      const { input, shown } = await findConfig(flags)
      const config = load(input)
      using shutdown = catchStopSignals(0, () => undefined)
      try {
        const read = { status: 'ok', subject: 'configuration', text: `${shown} holds` } as const
        const findings = [read, ...(await examineAll(config, shutdown.stop))]
        const isWell = findings.every(({ status }) => status !== 'mend')
        if (isGiven(command, '--json')) printLine(visibleJson({ status: isWell ? 'ok' : 'mend', findings }))
        else printFindings(findings)
        done(isWell ? exitCodes.ok : exitCodes.failure)
      } catch (error) {
        if (!isAbortOf(shutdown.stop, error)) throw error
        done(exitCodes.failure)
      }
    })
}

function printFindings(findings: readonly PlacedFinding[]): void {
  for (const { status, component, subject, text, cure } of findings) {
    const where = component === undefined ? subject : `${component}, ${subject}`
    printLine(`${marks[status]}  ${visibleText(`${where}: ${text}`)}`)
    if (cure !== undefined) printLine(`      ${visibleText(cure)}`)
  }
}
