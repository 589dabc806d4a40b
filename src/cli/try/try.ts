import { Command, Option } from 'commander'
import { LineTrial } from '../../app/try-lines/line-trial.ts'
import { chainOf, partOf, type TriedPart } from '../../app/try-lines/tried-part.ts'
import { LineSplitter } from '../../lib/line-splitter.ts'
import { isAbortOf } from '../../lib/wait.ts'
import { Output } from '../client/output.ts'
import { addConfigFlags, type ConfigFlags, findConfig } from '../config-flags.ts'
import { flag, isGiven } from '../flag.ts'
import { load } from '../load.ts'
import { triedText } from './tried-text.ts'

const notes = `
Reads lines from standard input, passes them through the transforms as the collector would, and prints what comes out: the text, and fields as JSON behind
it. Transforms are written as in a configuration, without inputs; several follow each other. Any other text is an expression: only lines that meet it go on.
Nothing is opened: no engine, no destination. Lines are those of a container "app", on its stdout, a millisecond apart.

Examples:
  log-capturer try '{ type: parse, format: json }' < app.log
  log-capturer try '{ type: parse, format: combined }' '{ type: filter, level: warn }' --show-dropped < access.log
  log-capturer try '{ type: parse, format: json }' 'fields.status >= 500 && !text.contains("/health")' < app.log
  log-capturer try '{ type: route, routes: { errors: { level: error } } }' --json < app.log
  log-capturer try -c log-capturer.yaml --at disk < app.log     what would come to the sink "disk"

Exit status: 0 done; 1 there are mistakes in the transforms, or one has failed; 2 the command line was not understood.`

interface Flags extends ConfigFlags {
  readonly at?: string
  readonly source?: string
}

export function tryVerb(): Command {
  return addConfigFlags(new Command('try'))
    .argument('[transforms...]', 'transforms, as YAML, and expressions')
    .addOption(new Option('--at <component>', 'as the configuration has it, up to this transform, output or sink'))
    .addOption(new Option('--source <id>', 'the source that the lines are of, where there are several'))
    .addOption(flag('--json', 'each line as an object'))
    .addOption(flag('--show-dropped', 'lines that were taken out, too'))
    .description('pass lines of standard input through transforms, and print what comes out')
    .addHelpText('after', notes)
    .action(async (texts: readonly string[], flags: Flags, command: Command) => {
      const part = await partFor(texts, flags, command)
      const isTerminal = process.stdout.isTTY
      const form = { isTerminal, isJson: isGiven(command, '--json'), withDropped: isGiven(command, '--show-dropped') }
      using output = new Output(process.stdout)
      try {
        await tryLines(part, process.stdin, (lines) => output.write(triedText(lines, form)))
        await output.flushed()
      } catch (error) {
        if (!isAbortOf(output.closed, error)) throw error
      }
    })
}

async function partFor(texts: readonly string[], flags: Flags, command: Command): Promise<TriedPart> {
  const { at, source, config } = flags
  if (texts.length > 0) {
    if (at !== undefined || source !== undefined)
      command.error('error: --at and --source are of a configuration: give either transforms, or --at')
    return chainOf(texts, process.env)
  }
  if (at === undefined)
    command.error(`error: no transforms are given: write '{ type: parse, format: json }', or --config and --at`)
  if (config?.includes('-') === true)
    command.error('error: standard input is the lines: the configuration cannot come from it, too')
  return partOf(load((await findConfig(flags)).input), { at, source })
}

/** A batch at a time: what is printed is waited for, so that input of any size takes the same memory. */
async function tryLines(
  part: TriedPart,
  input: AsyncIterable<Buffer>,
  print: (lines: ReturnType<LineTrial['take']>) => Promise<void>,
): Promise<void> {
  const trial = new LineTrial(part)
  const splitter = new LineSplitter((line) => trial.put(line))
  for await (const piece of input) {
    splitter.write(piece)
    await print(trial.take())
  }
  splitter.end()
  await print(trial.end())
}
