import type { Command } from 'commander'
import { exitStatusText } from './exit-code.ts'
import { code, fence, page, table } from './markdown.ts'

/** Every verb with its flags and their twins in the environment. */
export function commandLinePage(program: Command): Readonly<Record<string, string>> {
  const help = program.createHelp()
  const verbs = help.visibleCommands(program).filter((command) => command.name() !== 'help')
  const sections = verbs.map((command) => {
    const options = help.visibleOptions(command).filter(({ long }) => long !== '--help')
    const rows = options.map(({ flags, envVar, description, defaultValueDescription }) => [
      code(flags),
      code(envVar ?? ''),
      code(defaultValueDescription ?? ''),
      description,
    ])
    const flags = rows.length === 0 ? '' : table(['Flag', 'Variable', 'Default', 'Meaning'], rows)
    return [`## ${command.name()}`, sentence(command.description()), fence('', usageOf(command)), flags].join('\n\n')
  })
  return { 'command-line.md': page('# Command line', exitStatusText, ...sections.map((text) => text.trimEnd())) }
}

function usageOf(command: Command): string {
  return `log-capturer ${command.name()} ${command.usage()}`
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
}
