import { Command } from 'commander'
import { addConfigFlags, type ConfigFlags, findConfig } from '../config-flags.ts'
import { flag, isGiven } from '../flag.ts'
import { load } from '../load.ts'
import { printLine } from '../print.ts'
import { graphSvg } from './graph-svg.ts'
import { graphDot, graphText } from './graph-text.ts'

export function graphVerb(): Command {
  return addConfigFlags(new Command('graph'))
    .description('draw the way of lines through the configuration, and open nothing')
    .addOption(flag('--svg', 'as a picture: log-capturer graph --svg > graph.svg').conflicts('dot'))
    .addOption(flag('--dot', 'in the language of Graphviz'))
    .action(async (flags: ConfigFlags, command: Command) => {
      const config = load((await findConfig(flags)).input)
      if (isGiven(command, '--svg')) printLine(await graphSvg(config))
      else printLine(isGiven(command, '--dot') ? graphDot(config) : graphText(config))
    })
}
