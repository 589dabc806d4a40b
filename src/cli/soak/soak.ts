import { Command } from 'commander'
import type { ExitCode } from '../exit-code.ts'
import { addSoakRun } from './run.ts'
import { judgeVerb } from './judge.ts'

/** The verbs that look for leaks. */
export function soakVerb(done: (code: ExitCode) => void): Command {
  const soak = new Command('soak')
    .description('look for leaks: does what a program holds grow?')
    .helpCommand(false)
    .addCommand(judgeVerb(done))
  return addSoakRun(soak, done)
}
