import { Command, InvalidArgumentError, Option } from 'commander'
import type { DeadLetterLine, OpenedDeadLetter } from '../../app/dead-letters/open-office.ts'
import { LogCapturerError } from '../../lib/error.ts'
import { visibleJson, visibleText } from '../../lib/visible-text.ts'
import { flag, isGiven } from '../flag.ts'
import { printLine } from '../print.ts'
import { counted } from '../../lib/words.ts'
import { addOfficeFlags, type OfficeFlags, withOffice } from './with-office.ts'

/** There is no letter of this id. */
class NoSuchLetterError extends LogCapturerError {
  readonly code = 'NO_SUCH_LETTER'
}

const notes = `
Examples:
  log-capturer dlq show 1-g
  log-capturer dlq show 1-g --limit 10000
  log-capturer dlq show 1-g --json | jq -r '.content[].text'`

export function showVerb(): Command {
  return addOfficeFlags(new Command('show'))
    .description('print a letter and its lines, with control characters made visible')
    .addHelpText('after', notes)
    .argument('<id>', 'as list shows it')
    .addOption(new Option('--limit <lines>', 'lines at most').argParser(lineCount).default(100))
    .addOption(flag('--json', 'as one object; lines that are no UTF-8 are in base64'))
    .action(async (id: string, flags: OfficeFlags & { readonly limit: number }, command: Command) => {
      const letter = await withOffice(flags, ({ office }) => office.read(id, { lines: flags.limit }))
      if (!letter)
        throw new NoSuchLetterError(`there is no dead letter ${id}`, {
          hint: 'log-capturer dlq list shows those there are',
        })
      if (isGiven(command, '--json')) printLine(visibleJson(letter))
      else printLetter(letter)
    })
}

function lineCount(text: string): number {
  const lines = Number(text)
  if (!/^\d+$/.test(text) || lines < 1 || lines > 1_000_000)
    throw new InvalidArgumentError('a number from 1 to 1000000')
  return lines
}

function printLetter({ id, sink, reason, rejectedAt, lines, attempts, content }: OpenedDeadLetter): void {
  const times = attempts === 1 ? '' : `, ${attempts} times so far`
  printLine(`${id}: ${counted(lines, 'line')}, refused by the sink "${visibleText(sink)}" at ${rejectedAt}${times}`)
  printLine(visibleText(reason))
  printLine()
  for (const line of content) printLine(`${line.time} ${visibleText(line.container)} ${line.stream} ${textOf(line)}`)
  if (content.length < lines)
    printLine(`and ${counted(lines - content.length, 'line')} more; --limit ${lines} shows all`)
}

/** Bytes that are no UTF-8 each as two digits. */
function textOf({ text, base64 }: DeadLetterLine): string {
  if (text !== undefined) return visibleText(text)
  const bytes = Buffer.from(base64 ?? '', 'base64')
  return visibleText(bytes.toString('latin1')).replace(
    /[\xa0-\xff]/g,
    (sign) => `\\x${sign.charCodeAt(0).toString(16)}`,
  )
}
