import { Command } from 'commander'
import type { ExitCode } from '../exit-code.ts'
import { compareVerb } from './compare.ts'
import { judgeVerb } from './judge.ts'
import { reportVerb } from './report.ts'
import { addSoakRun } from './run.ts'

/** The verbs that look for leaks. */
export function soakVerb(done: (code: ExitCode) => void): Command {
  const soak = new Command('soak')
    .description('look for leaks: does what a program holds grow?')
    .helpCommand(false)
    .enablePositionalOptions()
    .addCommand(judgeVerb(done))
    .addCommand(compareVerb(done))
    .addCommand(reportVerb(done))
  return addSoakRun(soak, done)
}
