// How often the leak verdict errs: `npm run soak:calibrate [-- --runs N --seed N --processes N --cells --write]`. Judges series of which the truth is known and
// prints goal, value and what was reached; ends with 1 where a goal is not met. --cells shows every world, --write puts the table into docs/soak.md.
import { fork } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { ensureBuilt, ensureInstalled } from './ensure-built.mjs'
import { flagsOf } from './flags.mjs'

const page = new URL('../docs/soak.md', import.meta.url)
const runsAtATime = 250
const zeroRisesBelow = 0.67

if (process.send === undefined) await main()
else await serve()

async function main() {
  const values = flagsOf('soak:calibrate', {
    runs: { type: 'string', default: '1000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    processes: { type: 'string', default: String(availableParallelism()) },
    cells: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  })
  const [runs, seed, processes] = ['runs', 'seed', 'processes'].map((name) => wholeNumber(name, values[name]))
  ensureInstalled()
  ensureBuilt()
  const { cells, goals, limitWithoutRises } = await import('./soak-calibration.mjs')
  const startedAtMs = performance.now()
  process.stderr.write(
    `soak:calibrate: ${runs} runs of each of ${cells.length} worlds, seed ${seed}, ${processes} processes\n`,
  )
  const tallies = await tally({ count: cells.length, runs, seed, processes })
  const { tooMany } = await import('../dist/soak/verdict/tries.js')
  const results = goals.map((goal) => resultOf({ goal, cells, tallies, runs, tooMany }))
  const limit = limitWithoutRises()
  const lines = [
    '| what goes wrong | goal | reached, all worlds | worst world | |',
    '| --- | --- | --- | --- | --- |',
    ...results.map(lineOf),
    `| limit where nothing rose in 10,000 judged operations | below ${zeroRisesBelow} per 1,000 | ${limit.toFixed(3)} | | ${limit < zeroRisesBelow ? 'met' : 'NOT MET'} |`,
  ]
  if (values.cells) process.stdout.write(`${cellLines(cells, tallies, runs).join('\n')}\n\n`)
  process.stdout.write(`${lines.join('\n')}\n`)
  const command = `npm run soak:calibrate -- --runs ${runs} --seed ${seed}`
  process.stderr.write(
    `soak:calibrate: ${((performance.now() - startedAtMs) / 1000).toFixed(0)} s; the same again: ${command}\n`,
  )
  if (values.write) write(command, lines)
  process.exitCode = results.every(({ isMet }) => isMet !== false) && limit < zeroRisesBelow ? 0 : 1
}

function wholeNumber(name, text) {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text)
  process.stderr.write(`soak:calibrate: --${name} takes a whole number above 0, not "${text}"\n`)
  process.exit(2)
}

/** The marks of each cell, added up. What is tried does not depend on the number of processes. */
async function tally({ count, runs, seed, processes }) {
  const jobs = Array.from({ length: count }, (_, cell) =>
    Array.from({ length: Math.ceil(runs / runsAtATime) }, (_, part) => ({
      cell,
      seed: seed + 1_000_003 * cell + 7_919 * part,
      runs: Math.min(runsAtATime, runs - part * runsAtATime),
    })),
  ).flat()
  const tallies = Array.from({ length: count }, () => ({}))
  const work = async () => {
    const child = fork(fileURLToPath(import.meta.url))
    try {
      for (let job = jobs.shift(); job !== undefined; job = jobs.shift()) add(tallies[job.cell], await ask(child, job))
    } finally {
      child.disconnect()
    }
  }
  await Promise.all(Array.from({ length: processes }, work))
  return tallies
}

function ask(child, job) {
  return new Promise((resolve, reject) => {
    const onExit = (code) => reject(new Error(`a process of the calibration ended with ${code}`))
    child.once('exit', onExit)
    child.once('message', (sums) => {
      child.off('exit', onExit)
      resolve(sums)
    })
    child.send(job)
  })
}

async function serve() {
  const { cells } = await import('./soak-calibration.mjs')
  const { seededRandom } = await import('../dist/soak/verdict/worlds.js')
  process.on('message', (job) => {
    const random = seededRandom(job.seed)
    const sums = {}
    for (let i = 0; i < job.runs; i++) add(sums, cells[job.cell].run(random))
    process.send(sums)
  })
}

function add(sums, more) {
  for (const [name, value] of Object.entries(more)) sums[name] = (sums[name] ?? 0) + value
}

/** Met: the share over all worlds is within the goal, and no world is beyond it by more than chance (1 in 10,000) would have it. */
function resultOf({ goal, cells, tallies, runs, tooMany }) {
  const own = cells.flatMap(({ group, name }, i) =>
    goal.groups.includes(group) ? [{ name, errors: tallies[i][goal.mark] }] : [],
  )
  const errors = own.reduce((sum, cell) => sum + cell.errors, 0)
  const worst = own.reduce((most, cell) => (cell.errors > most.errors ? cell : most))
  const { atMost } = goal
  const isMet =
    atMost === undefined
      ? undefined
      : errors <= atMost * own.length * runs && (atMost === 0 || worst.errors < tooMany(runs, atMost))
  return { goal, worlds: own.length, share: errors / own.length / runs, worst, worstShare: worst.errors / runs, isMet }
}

function lineOf({ goal, worlds, share, worst, worstShare, isMet }) {
  const wanted = goal.atMost === undefined ? '' : goal.atMost === 0 ? 'never' : `at most ${percent(goal.atMost)}`
  const worstText = worst.errors === 0 || worlds === 1 ? '' : `${percent(worstShare)}: ${worst.name}`
  const word = isMet === undefined ? 'no goal' : isMet ? 'met' : 'NOT MET'
  return `| ${goal.name} | ${wanted} | ${percent(share)} of ${worlds} | ${worstText} | ${word} |`
}

function cellLines(cells, tallies, runs) {
  const marks = ['leak', 'unjudged', 'falselyBelow', 'outside']
  return [
    `| world | ${marks.join(' % | ')} % |`,
    `| --- |${' --- |'.repeat(marks.length)}`,
    ...cells.map(
      ({ group, name }, i) =>
        `| ${group}: ${name} | ${marks.map((mark) => ((100 * (tallies[i][mark] ?? 0)) / runs).toFixed(1)).join(' | ')} |`,
    ),
  ]
}

function percent(share) {
  return `${Number((100 * share).toFixed(2))} %`
}

/** Between the marks on the page. */
function write(command, lines) {
  const text = readFileSync(page, 'utf8')
  const parts = /(<!-- calibration -->\n)[^]*(<!-- end -->)/
  if (!parts.test(text)) throw new Error('docs/soak.md has no marks <!-- calibration --> and <!-- end -->')
  writeFileSync(page, text.replace(parts, `$1\nMeasured by \`${command}\`:\n\n${lines.join('\n')}\n$2`))
}
