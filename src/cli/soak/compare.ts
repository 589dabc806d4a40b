import { Command } from 'commander'
import { visibleJson } from '../../lib/visible-text.ts'
import { compareRuns } from '../../soak/compare-runs.ts'
import { comparisonLines, type ComparisonOutcome, outcomeOfComparison } from '../../soak/comparison-text.ts'
import { type ExitCode, soakExitCodes } from '../exit-code.ts'
import { printError, printLine } from '../print.ts'
import { runFile } from './run-file.ts'

const statuses: Readonly<Record<ComparisonOutcome, ExitCode>> = {
  no_faster: soakExitCodes.met,
  faster: soakExitCodes.leak,
  open: soakExitCodes.open,
  incomparable: soakExitCodes.invalid,
}

const notes = `
Both files are what a run wrote as run.json. Of every resource that both judged the growth per operation of the second is divided by that of the first,
with limits; they did the same work, or are not compared.

Exit status: 0 every resource is below its criterion or grows slower, and none is shown to grow faster; 1 one grows faster, within its criterion or not;
2 not enough evidence; 3 invalid: a run is, or they cannot be compared, or the command line cannot be used.

Example:
  log-capturer soak compare before/run.json after/run.json`

export function compareVerb(done: (code: ExitCode) => void): Command {
  return new Command('compare')
    .description('compare two runs: does anything grow faster than it did?')
    .argument('<baseline.json>', 'the run before')
    .argument('<current.json>', 'the run after')
    .option('--json', 'the comparison as JSON')
    .addHelpText('after', notes)
    .action((baseline: string, current: string, flags: { readonly json?: boolean }) => {
      try {
        const comparison = compareRuns(runFile(current), runFile(baseline))
        const outcome = outcomeOfComparison(comparison)
        const lines = flags.json === true ? [visibleJson({ outcome, ...comparison })] : comparisonLines(comparison)
        printLine(lines.join('\n'))
        done(statuses[outcome])
      } catch (error) {
        // Whatever it was: 1 would say that something grows faster.
        printError(error)
        done(soakExitCodes.invalid)
      }
    })
}
