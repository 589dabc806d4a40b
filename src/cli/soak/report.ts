import { Command } from 'commander'
import { writeReport } from '../../soak/report/write.ts'
import { type ExitCode, soakExitCodes } from '../exit-code.ts'
import { printError, printLine } from '../print.ts'
import { runFile } from './run-file.ts'

interface Flags {
  readonly output: string
  readonly baseline?: string
}

const notes = `
Exit status: 0 the report is written, whatever the verdict; 3 it is not.

Example:
  log-capturer soak report run.json --output report --baseline before/run.json`

export function reportVerb(done: (code: ExitCode) => void): Command {
  return new Command('report')
    .description('write the report of a run again: Markdown, HTML and charts')
    .argument('<run.json>', 'what the run left behind')
    .requiredOption('--output <folder>', 'where to write report.md, report.html, run.json and charts/')
    .option('--baseline <run.json>', 'an earlier run to stand beside it')
    .addHelpText('after', notes)
    .action(async (path: string, { output, baseline }: Flags) => {
      try {
        await writeReport(output, runFile(path), baseline === undefined ? undefined : runFile(baseline))
        printLine(`${output}/report.html`)
        done(soakExitCodes.met)
      } catch (error) {
        printError(error)
        done(soakExitCodes.invalid)
      }
    })
}
