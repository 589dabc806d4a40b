import { readFileSync, writeFileSync } from 'node:fs'
import { text as readAll } from 'node:stream/consumers'
import { Argument, Command } from 'commander'
import { type Conversion, renderGap } from '../../convert/conversion.ts'
import { convert, type ConvertedSystem, convertedSystems } from '../../convert/convert.ts'
import { gapComments } from '../../convert/draft.ts'
import { UnreadableInputError } from '../../convert/unreadable.ts'
import { ConfigError } from '../../config/problem.ts'
import { codeOf, LogCapturerError, messageOf } from '../../lib/error.ts'
import { counted } from '../../lib/words.ts'
import { type ExitCode, exitCodes } from '../exit-code.ts'
import { flag, isGiven } from '../flag.ts'
import { load } from '../load.ts'
import { printError } from '../print.ts'

const notes = `
Reads the configuration of another collector and prints one of log-capturer that does the same. What could not be carried over, or is done in another way,
is listed on standard error: where it stands, what it is, and what to do about it; nothing is left out without being said. Variables such as \${TOKEN} stay
variables; nothing is contacted.

Examples:
  log-capturer convert promtail promtail.yaml --output log-capturer.yaml
  log-capturer convert vector vector.toml --notes > log-capturer.yaml
  log-capturer convert fluent-bit fluent-bit.conf | log-capturer validate -c -

Exit status: 0 all of it is carried over; 1 there are gaps, or mistakes in what came of it; 2 the command line was not understood, or the file cannot be read.`

interface Flags {
  readonly output?: string
}

export function convertVerb(done: (code: ExitCode) => void): Command {
  return new Command('convert')
    .addArgument(new Argument('<system>', 'whose configuration it is').choices(convertedSystems))
    .argument('<file>', 'its file, - for standard input')
    .addOption(flag('--output <file>', 'write the configuration to this file'))
    .addOption(flag('--notes', 'put the list into the configuration as well, as comments at its head'))
    .description('make a configuration of that of Promtail, Vector or Fluent Bit')
    .addHelpText('after', notes)
    .action(async (system: ConvertedSystem, file: string, { output }: Flags, command: Command) => {
      const conversion = await converted(system, file)
      if (conversion === undefined) {
        done(exitCodes.usage)
        return
      }
      const text = (isGiven(command, '--notes') ? gapComments(conversion.gaps) : '') + conversion.text
      if (output === undefined) process.stdout.write(text)
      else writeFileSync(output, text)
      printGaps(conversion)
      const isSound = isLoaded(conversion, output ?? 'the result')
      done(isSound && conversion.gaps.length === 0 ? exitCodes.ok : exitCodes.failure)
    })
}

/** Undefined where the file cannot be read, which has been told. */
async function converted(system: ConvertedSystem, file: string): Promise<Conversion | undefined> {
  try {
    const text = file === '-' ? await readAll(process.stdin) : readInput(file)
    return convert(system, { name: file === '-' ? '<stdin>' : file, text })
  } catch (error) {
    if (!(error instanceof LogCapturerError)) throw error
    printError(error)
    return undefined
  }
}

/** What an input has that nobody thought of may come out as something that no collector takes: then it is said what, and where in the result. */
function isLoaded({ text }: Conversion, name: string): boolean {
  // Variables need not be set here; what stands for one can stand for an address as well.
  const asked = [...text.matchAll(/\$\{(\w+)/g)].map(([, variable]) => [variable!, 'http://not-set.invalid'] as const)
  const env = { ...Object.fromEntries(asked), ...process.env }
  try {
    load({ kind: 'text', text, name }, env)
    return true
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    printError(error)
    return false
  }
}

function readInput(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const why = codeOf(error) === 'ENOENT' ? 'there is no such file' : messageOf(error)
    throw new UnreadableInputError(`reading ${file}: ${why}`)
  }
}

function printGaps({ gaps }: Conversion): void {
  if (gaps.length === 0) return
  const list = gaps.map((gap) => `${renderGap(gap)}\n`).join('')
  process.stderr.write(`log-capturer: ${counted(gaps.length, 'thing')} could not be carried over as it was\n${list}`)
}
