import { type Command, Option } from 'commander'
import type { DeadLetterSelection } from '../../app/dead-letters/open-office.ts'
import { printComplaint } from '../print.ts'

/** Flags of the verbs that work on several letters. They have no twins in the environment: nothing is dropped by accident. */
export interface SelectionFlags {
  readonly sink?: string
  readonly all?: true
}

export function addSelection(command: Command): Command {
  return command
    .argument('[ids...]', 'letters, by the ids that list shows')
    .addOption(new Option('--sink <sink>', 'all letters of this sink'))
    .addOption(new Option('--all', 'all letters'))
}

/** Exactly one of the ways to say which. @throws CommanderError */
export function selectionOf(
  ids: readonly string[],
  { sink, all }: SelectionFlags,
  command: Command,
): DeadLetterSelection {
  const given: DeadLetterSelection[] = []
  if (ids.length > 0) given.push({ ids })
  if (sink !== undefined) given.push({ sink })
  if (all) given.push({ all })
  if (given.length !== 1) command.error('error: name letters by their ids, or give --sink, or --all: one of the three')
  return given[0]!
}

/** Says that letters which were asked for are not there. */
export function tellMissing(missing: readonly string[]): void {
  if (missing.length > 0) printComplaint(`there is no dead letter ${missing.join(', ')}`)
}
