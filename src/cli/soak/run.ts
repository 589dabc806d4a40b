import { type Command, Option } from 'commander'
import { version } from '../../app/version.ts'
import { leakKinds, type PlantedLeak } from '../../lab/probe/messages.ts'
import { LabError } from '../../lab/lab-error.ts'
import { type ReferenceName, referenceNames } from '../../lab/references/index.ts'
import type { EngineChoice, LabOptions, TargetChoice } from '../../lab/run/options.ts'
import { runLab } from '../../lab/run/run-lab.ts'
import { isTold } from '../../lab/run/set-up.ts'
import { visibleJson } from '../../lib/visible-text.ts'
import { outcomeOf } from '../../soak/outcome.ts'
import { type CriteriaFile, readCriteria } from '../../soak/read-criteria.ts'
import { prepareFolder, writeReport } from '../../soak/report/write.ts'
import type { RunRecord } from '../../soak/run-record.ts'
import { type ExitCode, soakExitCodes } from '../exit-code.ts'
import { printError, printLine } from '../print.ts'
import { catchStopSignals } from '../shutdown.ts'
import { exitCodeOf } from './outcome.ts'
import { chosenEngine, chosenTarget, countOf, duration, plantedLeak, referencesOf, wholeNumber } from './parse-flags.ts'
import { type Preset, presetNames, presets } from './presets.ts'
import { ProgressText } from './progress-text.ts'
import { readText } from './read-text.ts'
import { resultLines } from './result-text.ts'
import { runFile } from './run-file.ts'

interface Flags {
  readonly engine: EngineChoice
  readonly image: string
  readonly restartEngine?: string
  readonly target: TargetChoice
  readonly metrics?: string
  readonly delivered?: string
  readonly references: readonly ReferenceName[]
  readonly preset?: keyof typeof presets
  readonly cycles?: number
  readonly duration?: number
  readonly every?: number
  readonly ops?: number
  readonly containers?: number
  readonly standing: number
  readonly lines?: number
  readonly rate?: number
  readonly criteria?: string
  readonly baseline?: string
  readonly injectLeak: readonly PlantedLeak[]
  readonly seed?: number
  readonly report?: string
  readonly json?: boolean
}

const usual = { cycles: 24, operations: 1_000, containers: 50, linesPerRun: 5, standing: 10 }
const usualOnRealEngine = { operations: 50, containers: 10 }
/** As many as `--seed` takes: what ran by chance can be run again. */
const mostSeeds = 999_999_999
const endWithinMs = 60_000
const notTold =
  'nothing will show that a line was delivered, and the run will be invalid: name the file or folder that the program writes to with --delivered'

const notes = `
Works, stops, drains and reads, again and again, and says of everything that the program under test holds: leak, clean, or not enough evidence.
docs/soak.md says how, and how to look at another program.

Exit status: 0 every criterion is met, and no leak; 1 a leak, or a criterion missed; 2 not enough evidence; 3 invalid: the work was not done as it should, or the command
line cannot be used.

Examples:
  log-capturer soak                                                    this collector, on a simulated engine
  log-capturer soak --engine unix:///var/run/docker.sock --duration 30m --references all --report soak-report
  log-capturer soak --inject-leak descriptors:5                        does it find this one?
  log-capturer soak --target 'cmd:other-collector --docker {engine} --loki {url}' --metrics http://127.0.0.1:8080/metrics`

/** Gives `soak` its options, and lets it run. */
export function addSoakRun(command: Command, done: (code: ExitCode) => void): Command {
  const presetWords = presetNames.map((name) => `${name}: ${presets[name].what}`).join('; ')
  const leakWords = `plant a leak in this collector: ${leakKinds.join(', ')}, so many in 1,000 operations (of heap KiB); may be repeated`
  return command
    .addOption(
      new Option('--engine <host>', 'simulated, simulated:/path/of/its.sock, or a real one as DOCKER_HOST has it')
        .argParser(chosenEngine)
        .default({ kind: 'simulated', socketPath: undefined } satisfies EngineChoice, 'simulated'),
    )
    .option('--image <name>', 'image with a shell, for the containers on a real engine; it must be there', 'busybox')
    .option('--restart-engine <command>', 'restarts the real engine, as a fault among others')
    .addOption(
      new Option('--target <program>', 'self, pid:N, or cmd:... with {engine} and {url} in it')
        .argParser(chosenTarget)
        .default({ kind: 'self' } satisfies TargetChoice, 'self'),
    )
    .option('--metrics <url>', 'where another program shows its metrics, in the format of Prometheus')
    .option('--delivered <path>', 'file or folder that another program delivers to, if not to {url}')
    .addOption(
      new Option(
        '--references <names>',
        `reference collectors beside it, which leak: ${referenceNames.join(', ')}, or all`,
      )
        .argParser(referencesOf)
        .default([] as readonly ReferenceName[], 'none'),
    )
    .addOption(new Option('--preset <name>', presetWords).choices(presetNames))
    .option('--cycles <n>', `cycles of work, drain and reading (without --duration: ${usual.cycles})`, wholeNumber)
    .option('--duration <time>', 'how long to begin cycles, as 30m', duration)
    .option('--every <time>', 'how long a cycle is at least (without: as long as its work takes)', duration)
    .option(
      '--ops <n>',
      `container runs in a cycle (${usual.operations}; ${usualOnRealEngine.operations} on a real engine)`,
      wholeNumber,
    )
    .option(
      '--containers <n>',
      `containers at a time (${usual.containers}; ${usualOnRealEngine.containers} on a real engine)`,
      wholeNumber,
    )
    .option('--standing <n>', 'containers besides that live throughout the run', countOf, usual.standing)
    .option('--lines <n>', `lines that a run writes, on the average (${usual.linesPerRun})`, wholeNumber)
    .option('--rate <n>', 'lines a second, at the most (without: as fast as they go)', wholeNumber)
    .option('--criteria <file>', 'what is judged, and the growth it has to stay below (YAML)')
    .option('--baseline <run.json>', 'an earlier run to stand beside it in the report')
    .addOption(
      new Option('--inject-leak <kind:rate>', leakWords)
        .argParser(plantedLeak)
        .default([] as readonly PlantedLeak[], 'none'),
    )
    .option('--seed <n>', 'repeats the plan of a run (without: by chance)', wholeNumber)
    .option('--report <folder>', 'write report.md, report.html, run.json and charts/ there')
    .option('--json', 'the record of the run as JSON')
    .addHelpText('after', notes)
    .action(async (flags: Flags) => {
      try {
        done(await soak(flags))
      } catch (error) {
        // Whatever it was: 1 would say that there is a leak.
        printError(error)
        done(soakExitCodes.invalid)
      }
    })
}

async function soak(flags: Flags): Promise<ExitCode> {
  if (flags.injectLeak.length > 0 && flags.target.kind !== 'self')
    throw new LabError('leaks are planted in this collector only, and --target names another program')
  const baseline = flags.baseline === undefined ? undefined : runFile(flags.baseline)
  const options = optionsOf(flags)
  // Not after hours of work.
  if (flags.report !== undefined) await prepareFolder(flags.report)
  const progress = new ProgressText(process.stderr)
  if (!isTold(options)) progress.note(notTold)
  using shutdown = catchStopSignals(endWithinMs, () =>
    progress.note('ending: judging what there is; Ctrl-C again ends at once'),
  )
  const record = await runLab(options, (step) => progress.show(step), shutdown.stop)
  progress.clear()
  if (flags.report !== undefined) await writeReport(flags.report, record, baseline)
  printLine(flags.json === true ? visibleJson(record) : resultLines(record, flags.report).join('\n'))
  return exitCodeOf(outcomeOf(underTest(record)))
}

function underTest({ targets }: RunRecord) {
  return targets[0]!
}

function optionsOf(flags: Flags): LabOptions {
  const preset: Preset = flags.preset === undefined ? {} : presets[flags.preset]
  const isReal = flags.engine.kind === 'real'
  const seed = flags.seed ?? 1 + Math.floor(Math.random() * mostSeeds)
  const seconds = flags.duration === undefined ? preset.seconds : flags.duration / 1_000
  return {
    command: commandText(flags.seed === undefined ? ['--seed', String(seed)] : []),
    version,
    seed,
    engine: engineOf(flags),
    target: flags.target,
    metricsUrl: flags.metrics,
    delivered: flags.delivered,
    references: flags.references,
    cycles: flags.cycles ?? (seconds === undefined ? usual.cycles : undefined),
    seconds,
    everySeconds: flags.every === undefined ? (preset.everySeconds ?? 0) : flags.every / 1_000,
    operations: flags.ops ?? preset.operations ?? (isReal ? usualOnRealEngine : usual).operations,
    containers: flags.containers ?? (isReal ? usualOnRealEngine : usual).containers,
    standing: flags.standing,
    linesPerRun: flags.lines ?? usual.linesPerRun,
    linesPerSecond: flags.rate,
    criteria: criteriaOf(flags) ?? preset.criteria,
    leaks: flags.injectLeak,
    leastReuse: preset.leastReuse,
  }
}

function engineOf({ engine, image, restartEngine }: Flags): EngineChoice {
  return engine.kind === 'simulated' ? engine : { ...engine, image, restart: restartEngine }
}

function criteriaOf({ criteria }: Flags): CriteriaFile | undefined {
  return criteria === undefined ? undefined : readCriteria(criteria, readText(criteria))
}

/** As it was typed, and what it takes to repeat it. */
function commandText(more: readonly string[]): string {
  const words = [...process.argv.slice(2), ...more].filter((word) => word !== '--json')
  return [
    'log-capturer',
    ...words.map((word) => (/^[\w./:=,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)),
  ].join(' ')
}
