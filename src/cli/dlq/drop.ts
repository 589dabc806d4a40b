import { Command } from 'commander'
import { exitCodes, type ExitCode } from '../exit-code.ts'
import { printLine } from '../print.ts'
import { counted } from '../../lib/words.ts'
import { addSelection, type SelectionFlags, selectionOf, tellMissing } from './selection.ts'
import { addOfficeFlags, type OfficeFlags, withOffice } from './with-office.ts'

const notes = `
Exit status: 0 they are gone, 1 one that was named was not there, 2 the command was not understood.

Examples:
  log-capturer dlq drop 1-g 1-4x
  log-capturer dlq drop --sink loki
  log-capturer dlq drop --all`

export function dropVerb(done: (code: ExitCode) => void): Command {
  return addOfficeFlags(addSelection(new Command('drop')))
    .description('remove letters for good')
    .addHelpText('after', notes)
    .action(async (ids: readonly string[], flags: OfficeFlags & SelectionFlags, command: Command) => {
      const selection = selectionOf(ids, flags, command)
      const { letters, missing } = await withOffice(flags, ({ office }) => office.drop(selection))
      printLine(`${counted(letters, 'letter')} dropped`)
      tellMissing(missing)
      done(missing.length === 0 ? exitCodes.ok : exitCodes.failure)
    })
}
