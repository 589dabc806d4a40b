import { Command } from 'commander'
import type { ExitCode } from '../exit-code.ts'
import { dropVerb } from './drop.ts'
import { listVerb } from './list.ts'
import { replayVerb } from './replay.ts'
import { showVerb } from './show.ts'

const notes = `
While a collector runs with this configuration it is asked over its API (api.listen); otherwise the files in data_dir are
worked on, and replay opens the sinks for itself.

Examples:
  log-capturer dlq list
  log-capturer dlq show 1-g
  log-capturer dlq replay --sink loki --rate 500
  log-capturer dlq drop 1-g 1-4x`

/** The verbs for dead letters. */
export function dlqVerb(done: (code: ExitCode) => void): Command {
  const dlq = new Command('dlq')
    .description('see, send again or drop the lines that destinations have refused (dead letters)')
    .helpCommand(false)
    .addHelpText('after', notes)
  for (const verb of [listVerb(), showVerb(), replayVerb(done), dropVerb(done)]) dlq.addCommand(verb)
  return dlq
}
