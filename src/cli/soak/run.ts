import { type Command, InvalidArgumentError, Option } from 'commander'
import { version } from '../../app/version.ts'
import { leakKinds, type PlantedLeak } from '../../lab/probe/messages.ts'
import type { LabOptions, Progress } from '../../lab/run/options.ts'
import { runLab } from '../../lab/run/run-lab.ts'
import { parseDuration } from '../../lib/units.ts'
import { visibleJson } from '../../lib/visible-text.ts'
import { judgementLines } from '../../soak/judgement-text.ts'
import { outcomeOf } from '../../soak/outcome.ts'
import type { ExitCode } from '../exit-code.ts'
import { printLine } from '../print.ts'
import { catchStopSignals } from '../shutdown.ts'
import { exitCodeOf } from './outcome.ts'

interface Flags {
  readonly cycles?: number
  readonly duration?: number
  readonly ops: number
  readonly containers: number
  readonly lines: number
  readonly injectLeak: readonly PlantedLeak[]
  readonly seed?: number
  readonly json?: boolean
}

const usualCycles = 24
const controlled = "The load was the lab's own, and it was accounted for: see the conditions above."

/** Gives `soak` its options, and lets it run. */
export function addSoakRun(command: Command, done: (code: ExitCode) => void): Command {
  return command
    .option('--cycles <n>', `cycles of work, drain and reading (without --duration: ${usualCycles})`, wholeNumber)
    .option('--duration <time>', 'how long to begin cycles, as 30m', duration)
    .option('--ops <n>', 'container runs in a cycle: each is a stream opened and closed', wholeNumber, 1_000)
    .option('--containers <n>', 'containers at a time', wholeNumber, 50)
    .option('--lines <n>', 'lines that a run writes, on the average', wholeNumber, 5)
    .addOption(
      new Option(
        '--inject-leak <kind:rate>',
        `plant a leak: ${leakKinds.join(', ')}, so many in 1,000 operations (heap: KiB)`,
      )
        .argParser(plantedLeak)
        .default([] as readonly PlantedLeak[], 'none'),
    )
    .option('--seed <n>', 'repeats the plan of a run (without: by chance)', wholeNumber)
    .option('--json', 'the record of the run as JSON')
    .action(async (flags: Flags) => done(await soak(flags)))
}

async function soak(flags: Flags): Promise<ExitCode> {
  using shutdown = catchStopSignals(60_000, () => process.stderr.write('ending: judging what there is\n'))
  const record = await runLab(optionsOf(flags), showProgress, shutdown.stop)
  const { verdict, gates } = record.targets[0]!
  if (flags.json === true) printLine(visibleJson(record))
  else {
    for (const { name, isMet, detail } of gates) printLine(`${isMet ? 'met    ' : 'NOT MET'} ${name}: ${detail}`)
    printLine(judgementLines(verdict, controlled).join('\n'))
    for (const { kind, what, amount } of record.targets[0]!.survivors)
      printLine(`still there: ${amount} ${kind}: ${what}`)
  }
  return exitCodeOf(outcomeOf(record.targets[0]!))
}

function optionsOf(flags: Flags): LabOptions {
  const seed = flags.seed ?? Math.floor(Math.random() * 2 ** 31)
  const words = process.argv.slice(2).filter((word) => word !== '--json')
  return {
    command: ['log-capturer', ...words, ...(flags.seed === undefined ? ['--seed', String(seed)] : [])].join(' '),
    version,
    seed,
    cycles: flags.cycles ?? (flags.duration === undefined ? usualCycles : undefined),
    seconds: flags.duration === undefined ? undefined : flags.duration / 1_000,
    operations: flags.ops,
    containers: flags.containers,
    linesPerRun: flags.lines,
    criteria: undefined,
    leaks: flags.injectLeak,
  }
}

function showProgress({ cycle, cycles, phase, operations, linesWritten, linesDelivered }: Progress): void {
  process.stderr.write(
    `cycle ${cycle}${cycles === undefined ? '' : ` of ${cycles}`}: ${phase}; ${operations} operations, ${linesWritten} lines written, ${linesDelivered ?? '?'} delivered\n`,
  )
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('a whole number above zero is needed')
  return Number(text)
}

function duration(text: string): number {
  const ms = parseDuration(text)
  if (ms === undefined || ms === 0) throw new InvalidArgumentError('write for example 30m')
  return ms
}

function plantedLeak(text: string, before: readonly PlantedLeak[]): readonly PlantedLeak[] {
  const [word, amount = ''] = text.split(':')
  const kind = leakKinds.find((known) => known === word)
  if (kind === undefined || !/^\d+(\.\d+)?$/.test(amount))
    throw new InvalidArgumentError(`write a kind (${leakKinds.join(', ')}), a colon and a number, as descriptors:2`)
  return [...before, { kind, rate: Number(amount) }]
}
