import { Command } from 'commander'
import { addConfigFlags, type ConfigFlags, findConfig } from './config-flags.ts'
import { load } from './load.ts'
import { printLine } from './print.ts'
import { counted } from '../lib/words.ts'

export function validateVerb(): Command {
  return addConfigFlags(new Command('validate'))
    .description('check the configuration and open nothing')
    .action(async (flags: ConfigFlags) => {
      const { input, shown } = await findConfig(flags)
      const { sources, transforms, sinks } = load(input)
      const counts = [
        counted(sources.length, 'source'),
        counted(transforms.length, 'transform'),
        counted(sinks.length, 'sink'),
      ].join(', ')
      printLine(`${shown} is valid: ${counts}`)
    })
}
