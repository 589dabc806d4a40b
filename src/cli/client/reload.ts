import { Command } from 'commander'
import { visibleText } from '../../lib/visible-text.ts'
import { exitCodes, type ExitCode } from '../exit-code.ts'
import { printComplaint, printLine } from '../print.ts'
import { addClientFlags, type ClientFlags, clientNotes, openClient } from './client-flags.ts'

const notes = `${clientNotes}

Exit status: 0 it is in force, 1 it is not, or not all of it, 2 the command line was not understood.

Examples:
  log-capturer reload
  log-capturer reload -c /etc/log-capturer/log-capturer.yaml
  log-capturer reload --url http://10.0.0.7:8401 --token-file token`

/** As the API answers. */
interface ReloadAnswer {
  readonly status: 'changed' | 'unchanged' | 'failed' | 'invalid'
  readonly changed?: Readonly<Record<string, readonly string[]>>
  readonly failures?: readonly string[]
  readonly error?: string
  readonly problems?: readonly {
    readonly file: string
    readonly line?: number
    readonly column?: number
    readonly path: string
    readonly message: string
    readonly cure?: string
  }[]
}

export function reloadVerb(done: (code: ExitCode) => void): Command {
  return addClientFlags(new Command('reload'))
    .description('let a running collector read its configuration again, and print what has changed')
    .addHelpText('after', notes)
    .action(async (flags: ClientFlags) => {
      await using client = await openClient(flags)
      const asked = { method: 'POST', expected: [409, 422, 500] } as const
      const { body } = await client.ask('/api/v1/reload', asked, new AbortController().signal)
      done(tell(body as ReloadAnswer))
    })
}

function tell({ status, changed = {}, failures = [], error, problems = [] }: ReloadAnswer): ExitCode {
  if (status === 'unchanged') printLine('nothing has changed')
  for (const [what, ids] of Object.entries(changed))
    printLine(`${what.replaceAll('_', ' ')}: ${ids.map(visibleText).join(', ')}`)
  for (const failure of failures) printComplaint(visibleText(failure))
  if (error !== undefined) printComplaint(visibleText(error))
  for (const { file, line, column, path, message, cure } of problems) {
    const place = line === undefined ? file : `${file}:${line}:${column ?? 1}`
    printComplaint(
      visibleText(
        [place, path, cure === undefined ? message : `${message}; ${cure}`].filter((part) => part !== '').join(': '),
      ),
    )
  }
  return status === 'changed' || status === 'unchanged' ? exitCodes.ok : exitCodes.failure
}
