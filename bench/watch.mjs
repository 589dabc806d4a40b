// How often the watch of a collector's own resources raises a false alarm in a month, how soon it finds a leak, and what a look costs.
//
//     npm run build && node bench/watch.mjs [months a row] [seed]
import { watchedResources } from '../dist/app/watch/resources.js'
import { verdictOf } from '../dist/app/watch/verdict-of.js'
import { Windows } from '../dist/app/watch/windows.js'
import { poisson, seededRandom, timeSeries } from '../dist/soak/verdict/worlds.js'

const months = Number(process.argv[2] ?? 10)
const seed = Number(process.argv[3] ?? 1)
const resource = watchedResources.find(({ name }) => name === 'timers')
const nothing = Object.fromEntries(watchedResources.map(({ name }) => [name, NaN]))
const everyMinutes = 1 / 6
const monthMinutes = 30 * 24 * 60
/** What containers hold: made for each run, then called once a minute. 6 each is what is allowed for. */
const shares = {
  '2 each': () => (containers) => 2 * containers,
  none: () => () => 0,
  '2 each of the first 60': () => (containers) => 2 * Math.min(60, containers),
  '2 each, 20 min late': () => {
    let held
    return (containers) => {
      held = held === undefined ? 2 * containers : held + (2 * containers - held) / 20
      return Math.round(held)
    }
  },
}

const random = seededRandom(seed)
const costMs = []

/** Containers followed at a minute. */
const loads = {
  steady: () => () => 50,
  'come and go': (random) => {
    let count = 50
    return () => {
      const chance = random()
      if (chance < 0.02 && count > 0) count -= 1
      else if (chance > 0.98 && count < 120) count += 1
      return count
    }
  },
  'a day of 20 to 100': (random) => {
    const phase = random()
    return (minute) => Math.round(60 + 40 * Math.sin(2 * Math.PI * (minute / 1440 + phase)) + random())
  },
  'a week of working days': (random) => {
    const phase = random() * 10_080
    return (minute) => {
      const [day, hour] = [Math.floor(((minute + phase) / 1440) % 7), ((minute + phase) / 60) % 24]
      return day < 5 && hour > 8 && hour < 18 ? 20 + Math.round(10 * Math.min(hour - 8, 18 - hour, 3)) : 20
    }
  },
  'deployments of up to 40': (random) => {
    let count = 50
    return () => {
      if (random() < 1 / 2_000) count = Math.max(0, count + Math.round(80 * random() - 40))
      return count
    }
  },
  'grows by 300 in the month': () => (minute) => 20 + Math.floor((300 * minute) / monthMinutes),
}

console.log(`${months} months a row, seed ${seed}: one resource, of the seven\n`)
console.log('| held besides | containers | they hold | false alarms | share of time clean, % |')
console.log('| --- | --- | --- | --- | --- |')
for (const world of ['noise', 'churn', 'step', 'saw-tooth', 'wave']) falseAlarms(world, 'steady', '2 each')
for (const share of Object.keys(shares))
  for (const load of Object.keys(loads).slice(1)) falseAlarms('churn', load, share)

console.log('\n| leak from the 9th day on, an hour | containers | found | hours until found, median | at the most |')
console.log('| --- | --- | --- | --- | --- |')
for (const perHour of [0.3, 1, 6, 60, 300])
  for (const load of Object.keys(loads)) {
    const all = runs(() => month({ world: 'churn', load, share: '2 each', leak: perHour / 60, from: 8 * 1440 }))
    const hours = all
      .flatMap(({ foundAt }) => (foundAt === undefined ? [] : [(foundAt - 8 * 1440) / 60]))
      .sort((a, b) => a - b)
    const shown = (value) => value?.toFixed(1) ?? '-'
    console.log(
      `| ${perHour} | ${load} | ${hours.length} of ${months} | ${shown(hours[hours.length >> 1])} | ${shown(hours.at(-1))} |`,
    )
  }

const costs = costMs.sort((a, b) => a - b)
console.log(
  `\na step of judging: median ${costs[costs.length >> 1].toFixed(2)} ms, 99 % below ${costs[Math.floor(costs.length * 0.99)].toFixed(2)} ms`,
)

function falseAlarms(world, load, share) {
  const all = runs(() => month({ world, load, share, leak: 0 }))
  const alarms = all.reduce((sum, { alarms }) => sum + alarms, 0)
  console.log(
    `| ${world} | ${load} | ${share} | ${alarms} | ${(100 * mean(all.map(({ clean }) => clean))).toFixed(0)} |`,
  )
}

/** A month of one resource: how often an alarm began, when the first did, and how much of the time the verdict was clean. */
function month({ world, load, share, leak, from = 0 }) {
  const { at, values } = timeSeries(random, world, {
    minutes: monthMinutes,
    everyMinutes,
    correlationMinutes: 1 / 3,
    leak: 0,
  })
  const containersAt = loads[load](random)
  const heldBy = shares[share]()
  const windows = new Windows()
  let leaked = 0
  let [containers, held] = [0, 0]
  let [alarms, isAlarmed, foundAt, clean] = [0, false, undefined, 0]
  for (const [i, minute] of at.entries()) {
    if (i % 6 === 0) {
      containers = containersAt(minute)
      held = heldBy(containers)
    }
    if (minute >= from) leaked += poisson(random, leak * everyMinutes)
    windows.add({
      minute,
      load: { all: containers, moving: 0 },
      held: { ...nothing, timers: values[i] + held + leaked },
    })
    if (i % 90 !== 89) continue
    judgeAll(windows)
    const verdict = verdictOf(resource, windows.findings('timers'))
    if (verdict.outcome === 'clean') clean += 90 / at.length
    if (verdict.outcome === 'leak' && !isAlarmed) {
      alarms += 1
      foundAt ??= minute
    }
    isAlarmed = verdict.outcome === 'leak'
    if (leak > 0 && isAlarmed) break
  }
  return { alarms, foundAt, clean }
}

function judgeAll(windows) {
  for (
    let begunAt = performance.now(), judging = windows.judge(), step = 0;
    !judging.next().done;
    begunAt = performance.now()
  ) {
    const tookMs = performance.now() - begunAt
    // Of the others there are no readings.
    if (watchedResources[step++ % watchedResources.length] === resource) costMs.push(tookMs)
  }
}

function runs(run) {
  return Array.from({ length: months }, run)
}

function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
