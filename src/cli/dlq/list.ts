import { Command, Option } from 'commander'
import type { DeadLetter, DeadLetterOffice } from '../../app/dead-letters/open-office.ts'
import { formatBytes } from '../../lib/units.ts'
import { visibleJson, visibleText } from '../../lib/visible-text.ts'
import { flag, isGiven } from '../flag.ts'
import { printLine } from '../print.ts'
import { counted } from '../../lib/words.ts'
import { addOfficeFlags, type OfficeFlags, withOffice } from './with-office.ts'

/** Letters of one question to the office. */
const pageLetters = 1_000

const notes = `
Examples:
  log-capturer dlq list
  log-capturer dlq list --sink loki
  log-capturer dlq list --json | jq -r '.letters[] | [.id, .lines, .reason] | @tsv'`

export function listVerb(): Command {
  return addOfficeFlags(new Command('list'))
    .description('print which lines were refused, where and why')
    .addHelpText('after', notes)
    .addOption(new Option('--sink <sink>', 'those of this sink only'))
    .addOption(flag('--json', 'as {dataDir, letters}'))
    .action(async (flags: OfficeFlags & { readonly sink?: string }, command: Command) => {
      await withOffice(flags, ({ office }) =>
        isGiven(command, '--json') ? printJson(office, flags.sink) : printTable(office, flags.sink),
      )
    })
}

async function printJson(office: DeadLetterOffice, sink: string | undefined): Promise<void> {
  const { dataDir } = await office.list({ limit: 1 })
  const letters: DeadLetter[] = []
  for await (const letter of allLetters(office, sink)) letters.push(letter)
  printLine(visibleJson({ dataDir, letters }))
}

async function printTable(office: DeadLetterOffice, sink: string | undefined): Promise<void> {
  const { totals, dataDir, bytes } = await office.list({ limit: 1 })
  const wanted = totals.filter((total) => sink === undefined || total.sink === sink)
  if (wanted.length === 0) {
    printLine(
      `There are no dead letters ${sink === undefined ? '' : `of the sink "${visibleText(sink)}" `}in ${dataDir}.`,
    )
    return
  }
  printLine(row(['ID', 'REFUSED AT', 'TIMES', 'LINES', 'BYTES', 'SINK', 'REASON']))
  for await (const letter of allLetters(office, sink)) {
    const { id, rejectedAt, attempts, lines, reason } = letter
    printLine(
      row([id, rejectedAt, attempts, lines, formatBytes(letter.bytes), visibleText(letter.sink), visibleText(reason)]),
    )
  }
  printLine()
  for (const total of wanted)
    printLine(`${visibleText(total.sink)}: ${counted(total.letters, 'letter')}, ${counted(total.lines, 'line')}`)
  printLine(`All letters in ${dataDir} take ${formatBytes(bytes)} on disk.`)
}

async function* allLetters(office: DeadLetterOffice, sink: string | undefined): AsyncGenerator<DeadLetter> {
  let after: string | undefined
  do {
    const { letters, next } = await office.list({ sink, after, limit: pageLetters })
    yield* letters
    after = next
  } while (after !== undefined)
}

const widths = [8, 24, -5, -8, -10, 12, 0] as const

/** Cells side by side; of a negative width: to the right. */
function row(cells: readonly (string | number)[]): string {
  return cells
    .map((cell, i) => {
      const width = widths[i]!
      return width < 0 ? String(cell).padStart(-width) : String(cell).padEnd(width)
    })
    .join('  ')
    .trimEnd()
}
