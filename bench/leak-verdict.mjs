// How often the leak verdict errs: false alarms, leaks found, limits that hold the truth, and "clean" where the criterion is just not met, on series
// of which the truth is known.
//
//     npm run build && node bench/leak-verdict.mjs [runs a row] [seed]
import { judgeRises } from '../dist/soak/verdict/rises.js'
import { judgeTrend } from '../dist/soak/verdict/trend.js'
import { cycleSeries, seededRandom, timeSeries } from '../dist/soak/verdict/worlds.js'

const runs = Number(process.argv[2] ?? 2_000)
const seed = Number(process.argv[3] ?? 1)
const level = 0.01

console.log(`${runs} runs a row, seed ${seed}, level ${level}\n`)
heading('Counts once a cycle, at rest')
for (const cycles of [17, 30, 60, 120])
  for (const world of ['bare', 'warm-up', 'late step', 'wandering pool'])
    row(`${cycles} cycles, ${world}`, 0, (random) => rises(cycleSeries(random, world, { cycles, leak: 0 })))
for (const cycles of [17, 30, 60, 120])
  for (const leak of [0.05, 0.1, 0.2, 0.5, 1, 5, 15])
    row(`${cycles} cycles, warm-up`, leak, (random) => rises(cycleSeries(random, 'warm-up', { cycles, leak })))
for (const lambda of [5, 8, 12])
  row(`44 cycles, drained, ${lambda} leaked in 37`, lambda / 37, (random) =>
    rises(cycleSeries(random, 'drained', { cycles: 44, leak: lambda / 37 })),
  )
heading('Counts in time, under load, a reading every 10 s')
for (const minutes of [30, 120])
  for (const world of ['noise', 'churn', 'step', 'saw-tooth', 'wave'])
    for (const correlationMinutes of [0, 1 / 3, 1.5])
      row(`${minutes} min, ${world}, noise of ${Math.round(correlationMinutes * 60)} s`, 0, (random) =>
        trend(timeSeries(random, world, { minutes, everyMinutes: 1 / 6, correlationMinutes, leak: 0 })),
      )
for (const minutes of [30, 120])
  for (const leak of [0.1, 0.5, 1, 5])
    row(`${minutes} min, churn, noise of 20 s`, leak, (random) =>
      trend(timeSeries(random, 'churn', { minutes, everyMinutes: 1 / 6, correlationMinutes: 1 / 3, leak })),
    )
heading('The same judged as amounts')
for (const world of ['noise', 'churn', 'step', 'saw-tooth'])
  for (const correlationMinutes of [0, 1 / 3])
    row(`30 min, ${world}, noise of ${Math.round(correlationMinutes * 60)} s`, 0, (random) =>
      trend(timeSeries(random, world, { minutes: 30, everyMinutes: 1 / 6, correlationMinutes, leak: 0 }), false),
    )

function rises({ at, values }) {
  return judgeRises(at, values, level)
}

function trend({ at, values }, isCount = true) {
  return judgeTrend(at, values, { level, warmUp: undefined, isCount })
}

function heading(text) {
  console.log(
    `\n### ${text}\n\n| series | leak | LEAK % | not judged % | limits hold % | false clean % | median upper limit |`,
  )
  console.log('| --- | --- | --- | --- | --- | --- | --- |')
}

/** False clean: the upper limit is not above the truth. */
function row(name, leak, judged) {
  const random = seededRandom(seed)
  const findings = Array.from({ length: runs }, () => judged(random))
  const known = findings.filter(({ kind }) => kind === 'growth')
  const share = (count, of) => (of === 0 ? '-' : ((100 * count) / of).toFixed(1))
  const leaks = known.filter(({ isLeak }) => isLeak).length
  const held = known.filter(({ growth }) => growth.low <= leak && leak <= growth.high).length
  const falselyClean = known.filter(({ growth }) => growth.high < leak).length
  const highs = known.map(({ growth }) => growth.high).sort((a, b) => a - b)
  const figures = [
    share(leaks, runs),
    share(runs - known.length, runs),
    share(held, known.length),
    share(falselyClean, known.length),
    highs[highs.length >> 1]?.toFixed(2) ?? '-',
  ]
  console.log(`| ${name} | ${leak.toFixed(2)} | ${figures.join(' | ')} |`)
}
