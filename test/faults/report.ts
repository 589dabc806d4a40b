import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { faultsOf, maxMegabytes, type Result, type Row } from './row.ts'

const path = fileURLToPath(new URL('../../docs/reliability.md', import.meta.url))

const introduction = `# Reliability

Written by \`npm run faults\`, each row by the last run of it: do not edit.

Writers number every line on each stream; the receiving end knows by these numbers and the lines' exact bytes what was lost, doubled, altered, or came out of order. Each row is a fault, run with random
moments from the seeds given; the figures are sums over the runs, the memory is the greatest of them. \`real\` is a Docker 20.10 engine, \`simulated\` the project's own, which is held to the real one by
a suite that runs on both. The destination is a stand-in for Loki that decodes its encodings and keeps what it was sent, repeats included; in \`sigkill-files\` and where the clock is set it is the file sink.

**Lost**: written, or in the engine's log in the end where the engine itself loses lines, and not arrived. **Doubled**: arrived again. **Other id**: of these, lines that came again with another time or
stream, which Loki would keep: where an answer is lost after the lines were stored, they must be sent again, and the same id lets Loki drop them. **Goal**: nothing lost, altered or out of order,
nothing doubled (in rows marked *, whose fault makes doubles: nothing doubled by another id; in rows marked °, refused lines are sent again after later ones), less than ${maxMegabytes} MB resident with a backlog of 1 GB, and an orderly end.
`

/** Writes docs/reliability.md; rows that were not run keep what it says of them. */
export function writeReport(rows: readonly Row[], results: readonly Result[]): void {
  const head = [
    '| row | what happens | engine | runs | lines | lost | doubled | other id | out of order | altered | memory, MB | goal |',
    '| --- | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |',
  ]
  const before = existsSync(path) ? readFileSync(path, 'utf8').split('\n') : []
  const isOf = (row: Row) => results.some((result) => result.row === row.name)
  const kept = (beginning: RegExp) => before.find((line) => beginning.test(line))
  const table = rows.map(
    (row) =>
      (isOf(row) ? undefined : kept(new RegExp(`^\\| ${row.name}[*°]* \\|`))) ?? rowOf(row, resultsOf(row, results)),
  )
  const details = rows.map(
    (row) => (isOf(row) ? undefined : kept(new RegExp(`^- ${row.name}: `))) ?? detailsOf(row, resultsOf(row, results)),
  )
  writeFileSync(path, [introduction, ...head, ...table, '', '## Seeds and more figures', '', ...details, ''].join('\n'))
}

function resultsOf(row: Row, results: readonly Result[]): Result[] {
  return results.filter((result) => result.row === row.name)
}

function rowOf(row: Row, results: readonly Result[]): string {
  const sum = (of: (result: Result) => number) => results.reduce((total, result) => total + of(result), 0)
  const unmet = results.filter((result) => faultsOf(row, result).length > 0).length
  const mark = `${row.makesDoubles ? '*' : ''}${row.reorders ? '°' : ''}`
  const goal = results.length === 0 ? 'not run' : unmet === 0 ? 'met' : `**not met** in ${unmet} of ${results.length}`
  const cells = [
    ...[`${row.name}${mark}`, row.what, row.engine, results.length],
    ...[sum(({ lines }) => lines), sum(({ lost }) => lost), sum(({ doubled }) => doubled)],
    ...[sum((one) => one.doubledByOtherId), sum((one) => one.outOfOrder), sum(({ altered }) => altered)],
    ...[Math.max(0, ...results.map((one) => one.peakMegabytes)), goal],
  ]
  return `| ${cells.join(' | ')} |`
}

function detailsOf(row: Row, results: readonly Result[]): string {
  const seeds = results.map(({ seed }) => seed).join(', ')
  const notes = results.flatMap((result) => [...result.notes, ...faultsOf(row, result).map((fault) => `**${fault}**`)])
  return `- ${row.name}: seeds ${seeds}${notes.length === 0 ? '' : `; ${notes.join('; ')}`}`
}
