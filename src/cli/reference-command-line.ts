import type { Command } from 'commander'
import { exitStatusText } from './exit-code.ts'
import { code, fence, page, table } from './markdown.ts'

/** Every verb with its flags and their twins in the environment. */
export function commandLinePage(program: Command): Readonly<Record<string, string>> {
  const sections = verbsOf(program).flatMap((verb) => sectionsOf(verb, []))
  return { 'command-line.md': page('# Command line', exitStatusText, ...sections) }
}

function verbsOf(command: Command): readonly Command[] {
  return command
    .createHelp()
    .visibleCommands(command)
    .filter((verb) => verb.name() !== 'help')
}

/** A verb that has verbs of its own is described by them. */
function sectionsOf(command: Command, before: readonly string[]): readonly string[] {
  const words = [...before, command.name()]
  const nested = verbsOf(command)
  const head = [`## ${words.join(' ')}`, sentence(command.description())]
  if (nested.length > 0) return [head.join('\n\n'), ...nested.flatMap((verb) => sectionsOf(verb, words))]
  const usage = fence('', `log-capturer ${words.join(' ')} ${command.usage()}`)
  return [[...head, usage, flagsOf(command)].join('\n\n').trimEnd()]
}

function flagsOf(command: Command): string {
  const options = command
    .createHelp()
    .visibleOptions(command)
    .filter(({ long }) => long !== '--help')
  const rows = options.map(({ flags, envVar, description, defaultValueDescription, defaultValue }) => [
    code(flags),
    code(envVar ?? ''),
    code(defaultValueDescription ?? (defaultValue === undefined ? '' : String(defaultValue))),
    description,
  ])
  return rows.length === 0 ? '' : table(['Flag', 'Variable', 'Default', 'Meaning'], rows)
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
}
