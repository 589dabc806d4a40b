import { Command, InvalidArgumentError, Option } from 'commander'
import type { TailEvent, TailLine } from '../../api/v1/schemas.ts'
import { NoCollectorError } from '../../app/client/client-error.ts'
import type { CollectorConfig } from '../../app/registries.ts'
import { EngineTail } from '../../app/engine-tail/engine-tail.ts'
import { parseDuration } from '../../lib/units.ts'
import { counted } from '../../lib/words.ts'
import { isAbortOf, linkSignals } from '../../lib/wait.ts'
import { visibleJsonLine } from '../../lib/visible-text.ts'
import { flag, isGiven } from '../flag.ts'
import { ownLog } from '../own-log.ts'
import { printComplaint } from '../print.ts'
import { catchStopSignals } from '../shutdown.ts'
import { addClientFlags, type ClientFlags, clientNotes, configOf, openClient } from './client-flags.ts'
import { LineText } from './line-text.ts'
import { hasColors } from '../colors.ts'
import { Output } from './output.ts'

const notes = `${clientNotes}
Where no collector answers, and for what a collector does not keep (--since, --no-follow), the engine is asked itself, and lines are not transformed.
A NAME may hold * and ?. | stands before what came on stdout, ! before stderr. On a terminal control characters of lines are shown as \\x1b;
elsewhere lines are as they came. When more comes than can be shown, a collector passes lines over, which is said on standard error.

Examples:
  log-capturer tail
  log-capturer tail 'web-*' db --include ERROR
  log-capturer tail web --at quiet                 behind the transform "quiet"
  log-capturer tail web --last 100                 what it said last, and then what comes
  log-capturer tail web --since 10m --no-follow | less
  log-capturer tail --json | jq -r 'select(.stream == "stderr") | .text'`

interface TailFlags {
  readonly stream?: 'stdout' | 'stderr'
  readonly include: readonly string[]
  readonly exclude: readonly string[]
  readonly at?: string
  readonly since?: number
  readonly last?: number
  readonly follow: boolean
}

type Flags = ClientFlags & TailFlags

/** As the API takes it. */
const maxLast = 1_000

export function tailVerb(): Command {
  const list = (text: string, earlier: readonly string[]) => [...earlier, text]
  return addClientFlags(new Command('tail'))
    .description('print lines of containers as they pass, of a running collector or of the engine')
    .argument('[names...]', 'containers; all where none is given')
    .addOption(new Option('--stream <stream>', 'this stream only').choices(['stdout', 'stderr']))
    .addOption(
      new Option('--include <text>', 'only lines that contain it; may be repeated').argParser(list).default([], 'all'),
    )
    .addOption(
      new Option('--exclude <text>', 'no lines that contain it; may be repeated').argParser(list).default([], 'none'),
    )
    .addOption(new Option('--at <component>', 'behind this source or transform of the collector'))
    .addOption(
      new Option('--since <time>', 'the lines of so long, from the engine, and then what comes').argParser(duration),
    )
    .addOption(
      new Option('-n, --last <lines>', 'begin with the last so many lines of each container').argParser(lineCount),
    )
    .addOption(new Option('--no-follow', 'end with what there is now, from the engine'))
    .addOption(new Option('--engine', 'ask the engine, whether a collector runs or not'))
    .addOption(flag('--timestamps', "the engine's time before each line"))
    .addOption(flag('--json', 'each line as an object'))
    .addHelpText('after', notes)
    .action(async (names: readonly string[], flags: Flags, command: Command) => {
      const isFromEngine = command.getOptionValue('engine') === true || flags.since !== undefined || !flags.follow
      if (isFromEngine && flags.at !== undefined)
        command.error(
          'error: --at asks a collector, which keeps no lines: it cannot go with --since, --no-follow or --engine',
        )
      if (flags.since !== undefined && flags.last !== undefined)
        command.error('error: --since and --last are two ways to say where to begin: give one of them')
      using shutdown = catchStopSignals(0, () => undefined)
      using output = new Output(process.stdout)
      using either = linkSignals(shutdown.stop, output.closed)
      let read: Promise<CollectorConfig> | undefined
      const config = () => (read ??= configOf(flags))
      const wish = { names, flags, config, show: shower(output, command) }
      try {
        if (isFromEngine) await tailEngine(wish, either.signal)
        else await tailAny(wish, either.signal)
        await output.flushed()
      } catch (error) {
        if (!isAbortOf(either.signal, error)) throw error
      }
    })
}

function lineCount(text: string): number {
  const count = Number(text)
  if (!/^\d+$/.test(text) || count < 1 || count > maxLast)
    throw new InvalidArgumentError(`write a number of 1 to ${maxLast}`)
  return count
}

function duration(text: string): number {
  const ms = parseDuration(text)
  if (ms === undefined) throw new InvalidArgumentError('write for example 30s or 10m')
  return ms
}

type Show = (lines: readonly TailLine[]) => Promise<void>

interface Wish {
  readonly names: readonly string[]
  readonly flags: Flags
  readonly show: Show
  readonly config: () => Promise<CollectorConfig>
}

function shower(output: Output, command: Command): Show {
  const isTerminal = process.stdout.isTTY
  const text = new LineText({ isTerminal, isColored: hasColors(), hasTimes: isGiven(command, '--timestamps') })
  const json = isTerminal ? visibleJsonLine : JSON.stringify
  const lineOf = isGiven(command, '--json') ? (line: TailLine) => json(line) : (line: TailLine) => text.of(line)
  return (lines) => output.write(lines.map((line) => `${lineOf(line)}\n`).join(''))
}

/** From the collector where one answers, else from the engine. */
async function tailAny(wish: Wish, signal: AbortSignal): Promise<void> {
  const { flags } = wish
  try {
    await tailCollector(wish, signal)
  } catch (error) {
    if (!(error instanceof NoCollectorError) || flags.at !== undefined || flags.url !== undefined) throw error
    printComplaint(`${error.message}; lines come from the engine itself`)
    await tailEngine(wish, signal)
  }
}

async function tailCollector({ names, flags, config, show }: Wish, signal: AbortSignal): Promise<void> {
  const query = new URLSearchParams()
  for (const name of names) query.append('container', name)
  for (const text of flags.include) query.append('include', text)
  for (const text of flags.exclude) query.append('exclude', text)
  if (flags.stream !== undefined) query.set('stream', flags.stream)
  if (flags.at !== undefined) query.set('at', flags.at)
  if (flags.last !== undefined) query.set('last', String(flags.last))
  await using client = await openClient(flags, config)
  for await (const event of client.events(`/api/v1/tail?${query.toString()}`, signal)) {
    const { lines, skipped, notes = [] } = event as TailEvent
    for (const note of notes) printComplaint(note)
    if (lines.length > 0) await show(lines)
    if (skipped > 0) printComplaint(`${counted(skipped, 'line')} passed over: more comes than can be shown`)
  }
  printComplaint('the collector has ended')
}

async function tailEngine({ names, flags, config, show }: Wish, signal: AbortSignal): Promise<void> {
  const { stream, include, exclude, since, last, follow } = flags
  const options = {
    config: await config(),
    selection: { container: names, stream, include, exclude },
    from: last !== undefined ? { last } : since === undefined ? undefined : sinceNow(since),
    isFollowing: follow,
    log: ownLog('warn'),
  }
  await using tail = await EngineTail.open(options, signal)
  for await (const lines of tail.lines(signal)) await show(lines)
}

function sinceNow(ms: number): { readonly sinceSeconds: number } {
  return { sinceSeconds: Math.floor((Date.now() - ms) / 1_000) }
}
