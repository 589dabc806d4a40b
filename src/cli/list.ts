import { Command } from 'commander'
import { registries } from '../app/registries.ts'
import type { Registries } from '../config/component-spec.ts'
import { componentList, type OptionRow, optionTable } from '../config/describe.ts'
import { flag, isGiven } from './flag.ts'
import { printLine } from './print.ts'

export function listVerb(): Command {
  return new Command('list')
    .description('print the sources, transforms and sinks there are, and what they take')
    .addOption(flag('--json', 'as an array of {kind, type, summary}'))
    .action((_: unknown, command: Command) => {
      printLine(isGiven(command, '--json') ? JSON.stringify(componentList(registries), null, 2) : listText(registries))
    })
}

function listText({ sources, transforms, sinks }: Registries): string {
  const specs = { source: sources, transform: transforms, sink: sinks }
  const blocks = componentList(registries).map(({ kind, type, summary }) =>
    [`${kind} ${type}: ${summary}`, ...optionTable(specs[kind][type]!).map(optionText)].join('\n'),
  )
  return `${blocks.join('\n\n')}\n\nEverything about them: docs/reference. For an editor: log-capturer schema.`
}

function optionText({ path, type, isRequired, default: preset }: OptionRow): string {
  const need = isRequired ? ', required' : preset === undefined ? '' : `, default ${preset}`
  return `  ${path.padEnd(20)} ${type}${need}`
}
