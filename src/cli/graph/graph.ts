import { Command } from 'commander'
import { addConfigFlags, type ConfigFlags, findConfig } from '../config-flags.ts'
import { flag, isGiven } from '../flag.ts'
import { load } from '../load.ts'
import { printLine } from '../print.ts'
import { graphDot, graphText } from './graph-text.ts'

export function graphVerb(): Command {
  return addConfigFlags(new Command('graph'))
    .description('draw the way of lines through the configuration, and open nothing')
    .addOption(flag('--dot', 'for Graphviz: log-capturer graph --dot | dot -Tsvg'))
    .action(async (flags: ConfigFlags, command: Command) => {
      const config = load((await findConfig(flags)).input)
      printLine(isGiven(command, '--dot') ? graphDot(config) : graphText(config))
    })
}
