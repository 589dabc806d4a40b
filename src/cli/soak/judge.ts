import { Command } from 'commander'
import { visibleJson } from '../../lib/visible-text.ts'
import { judgementLines, observational } from '../../soak/judgement-text.ts'
import { criteriaFor, noCriteria, readCriteria } from '../../soak/read-criteria.ts'
import { readSeries } from '../../soak/read-series.ts'
import { judge, type Verdict } from '../../soak/verdict/judge.ts'
import { type ExitCode, soakExitCodes } from '../exit-code.ts'
import { printError, printLine } from '../print.ts'
import { exitCodeOf } from './outcome.ts'
import { readText } from './read-text.ts'

interface Flags {
  readonly criteria?: string
  readonly time?: string
  readonly json?: boolean
}

const notes = `
The file has a header, a column cycle or operations (one reading a cycle, with the load stopped) or a time (readings under load), and a column for
each resource. The verdict is observational: nothing is known of the load. How it is reached, and the file of criteria: docs/soak.md.

Exit status: 0 every criterion is met, and no leak; 1 a leak, within its criterion or not; 2 not enough evidence, or no criterion;
3 invalid: the series, the criteria or the command line cannot be used.

Examples:
  log-capturer soak judge run.csv --criteria criteria.yaml
  log-capturer soak judge run.csv --time elapsed_s --json`

export function judgeVerb(done: (code: ExitCode) => void): Command {
  return new Command('judge')
    .description('judge a series of readings from elsewhere: leak, clean, or not enough evidence')
    .argument('<series.csv>', 'the file, or - for standard input')
    .option('--criteria <file>', 'what is judged, and the growth it has to stay below (YAML)')
    .option('--time <column>', 'the column that the series goes along (without: the one with a usual name)')
    .option('--json', 'the verdict as JSON')
    .addHelpText('after', notes)
    .action((series: string, flags: Flags) => {
      try {
        const verdict = judgeFile(series, flags)
        const lines =
          flags.json === true
            ? [visibleJson({ note: observational, ...verdict })]
            : judgementLines(verdict, observational)
        printLine(lines.join('\n'))
        done(exitCodeOf(verdict.outcome))
      } catch (error) {
        // Whatever it was: 1 would say that there is a leak.
        printError(error)
        done(soakExitCodes.invalid)
      }
    })
}

function judgeFile(path: string, { criteria, time }: Flags): Verdict {
  const file = criteria === undefined ? undefined : readCriteria(criteria, readText(criteria))
  const wanted = Object.keys(file?.resources ?? {})
  const series = readSeries({ name: path === '-' ? '<stdin>' : path, text: readText(path), time, wanted })
  return judge(series, file === undefined ? noCriteria : criteriaFor(series.unit, file))
}
