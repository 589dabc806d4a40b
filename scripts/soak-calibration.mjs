// The cells of the calibration, each a world of which the truth is known, and the goals over them. A run of a cell gives marks (0 or 1); a goal looks at
// the share of one mark.
import { compareRates } from '../dist/soak/verdict/compare.js'
import { judge } from '../dist/soak/verdict/judge.js'
import { scheduleOfLooks } from '../dist/soak/verdict/looks.js'
import { cycleSeries, heapSeries, poisson, timeSeries } from '../dist/soak/verdict/worlds.js'

const alpha = 0.01
const operationsPerCycle = 500
const operationsJudged = 12_000
const cyclesBeside = 7
const countWorlds = ['bare', 'drained', 'warm-up', 'late step', 'wandering pool']
const heapWorlds = ['noise', 'correlated', 'warm-up', 'step', 'spikes']
const timeWorlds = ['noise', 'churn', 'step', 'saw-tooth']

/** What a verdict says beside the truth, per unit of the axis. */
function marksOf({ outcome, growth }, truth) {
  return {
    leak: outcome === 'leak' ? 1 : 0,
    notLeak: outcome === 'leak' ? 0 : 1,
    unjudged: growth === undefined ? 1 : 0,
    clean: outcome === 'clean' ? 1 : 0,
    falselyBelow: growth !== undefined && growth.high < truth ? 1 : 0,
    outside: growth !== undefined && (growth.low > truth || growth.high < truth) ? 1 : 0,
  }
}

function verdictOn({ at, values }, { unit, kind, below, look, ...more }) {
  const series = { unit, at, resources: [{ name: 'held', values }], unread: [], identities: [], ...more }
  const resources = [{ name: 'held', below, kind }]
  return judge(series, { alpha, look, warmUp: undefined, resources }).resources[0]
}

function byOperations({ at, values }) {
  return { at: at.map((cycle) => cycle * operationsPerCycle), values }
}

/** Counts at rest, by operations. */
function counts(group, world, { cycles, leak }) {
  return {
    group,
    name: `${world}, ${cycles} cycles${leak > 0 ? `, ${round(leak)} a cycle` : ''}`,
    run: (random) =>
      marksOf(
        verdictOn(byOperations(cycleSeries(random, world, { cycles, leak })), { unit: 'operation', kind: 'count' }),
        leak / operationsPerCycle,
      ),
  }
}

function bytes(group, world, { cycles, leak }) {
  return {
    group,
    name: `${world}, ${cycles} cycles${leak > 0 ? `, ${leak / 1_000} kB a cycle` : ''}`,
    run: (random) =>
      marksOf(
        verdictOn(byOperations(heapSeries(random, world, { cycles, leak })), { unit: 'operation', kind: 'size' }),
        leak / operationsPerCycle,
      ),
  }
}

/** Counts in time, under load. */
function passive(group, world, { minutes, everyMinutes, correlationMinutes, leak }) {
  return {
    group,
    name: `${world} of ${Math.round(correlationMinutes * 60)} s, ${minutes} min, every ${Math.round(everyMinutes * 60)} s${leak > 0 ? `, ${leak} a minute` : ''}`,
    run: (random) =>
      marksOf(
        verdictOn(timeSeries(random, world, { minutes, everyMinutes, correlationMinutes, leak }), {
          unit: 'minute',
          kind: 'count',
        }),
        leak,
      ),
  }
}

/** A run that is judged at every look of the schedule: what any look said. */
function looks(group, world, { cycles, leak }) {
  return {
    group,
    name: `${world}, ${cycles} cycles${leak > 0 ? `, ${leak} a cycle` : ''}`,
    run: (random) => {
      const { at, values } = cycleSeries(random, world, { cycles, leak })
      const each = scheduleOfLooks(cycles).map((done, i) =>
        marksOf(
          verdictOn(
            { at: at.slice(0, done), values: values.slice(0, done) },
            { unit: 'cycle', kind: 'count', look: i + 1 },
          ),
          leak,
        ),
      )
      return each.reduce((any, marks) =>
        Object.fromEntries(Object.keys(marks).map((key) => [key, Math.max(any[key], marks[key])])),
      )
    },
  }
}

/** Steady series that would be clean, but for what is wrong with them. */
const faults = {
  'dead process': ({ at, values }, random) => {
    const died = Math.ceil(between(random, 0.05, 0.95) * at.length)
    return { at, values: values.map((value, i) => (i < died ? value : NaN)) }
  },
  'restarted process': ({ at, values }, random) => {
    const restarted = Math.ceil(between(random, 0.05, 0.95) * at.length)
    return { at, values, identities: [{ name: 'pid', values: at.map((_, i) => (i < restarted ? '7' : '9')) }] }
  },
  'missing samples': ({ at, values }, random) => {
    const missing = new Set()
    while (missing.size <= 0.06 * at.length) missing.add(Math.floor(random() * at.length))
    return { at, values: values.map((value, i) => (missing.has(i) ? NaN : value)) }
  },
  'zero operations': ({ at, values }, random) => {
    const stopped = Math.floor(between(random, 0, 0.9) * at.length)
    return { at: at.map((place, i) => (i < stopped ? place : at[stopped])), values }
  },
  'a gap': ({ at, values }, random) => {
    const from = Math.floor(between(random, 0.1, 0.9) * at.length)
    return { at: at.map((place, i) => (i < from ? place : place + 4 * operationsPerCycle)), values }
  },
  'counter of zero': ({ at, values }) => ({ at, values: values.map(() => 0) }),
}

function faulty(name) {
  return {
    group: 'faulty',
    name,
    run: (random) => {
      const series = byOperations(cycleSeries(random, 'drained', { cycles: 60, leak: 0 }))
      const { at, values, identities = [] } = faults[name](series, random)
      return marksOf(verdictOn({ at, values }, { unit: 'operation', kind: 'count', below: 1, identities }), 1)
    },
  }
}

function ratio(truth) {
  return {
    group: 'ratio',
    name: `${truth} times as fast`,
    run: (random) => {
      const run = { risen: poisson(random, 8 * truth), exposure: 4_000, dispersion: 1 }
      const baseline = { risen: poisson(random, 12), exposure: 6_000, dispersion: 1 }
      const { low, high = Infinity } = compareRates(run, baseline, alpha)
      return { outside: low > truth || high < truth ? 1 : 0 }
    },
  }
}

const cyclesTried = [17, 30, 60, 120]
const leaksTried = [0.1, 0.5, 1, 5, 15]
const minutesTried = [
  { minutes: 14, everyMinutes: 2 },
  { minutes: 14, everyMinutes: 1 },
  { minutes: 10, everyMinutes: 0.5 },
  { minutes: 30, everyMinutes: 1 / 6 },
]

export const cells = [
  ...cyclesTried.flatMap((cycles) => countWorlds.map((world) => counts('clean counts', world, { cycles, leak: 0 }))),
  counts('power', 'drained', {
    cycles: operationsJudged / operationsPerCycle + cyclesBeside,
    leak: operationsPerCycle / 1_000,
  }),
  ...cyclesTried.flatMap((cycles) => leaksTried.map((leak) => counts('leaking counts', 'warm-up', { cycles, leak }))),
  ...cyclesTried.flatMap((cycles) => [1, 5, 15].map((leak) => counts('fast leaks', 'drained', { cycles, leak }))),
  ...countWorlds.map((world) => looks('clean looks', world, { cycles: 120, leak: 0 })),
  ...leaksTried.map((leak) => looks('leaking looks', 'warm-up', { cycles: 120, leak })),
  ...[17, 24, 60].flatMap((cycles) => heapWorlds.map((world) => bytes('clean bytes', world, { cycles, leak: 0 }))),
  ...[17, 24, 60].flatMap((cycles) =>
    heapWorlds.map((world) => bytes('leaking bytes', world, { cycles, leak: 50_000 })),
  ),
  bytes('found bytes', 'noise', { cycles: 30, leak: 50_000 }),
  ...timeWorlds.flatMap((world) =>
    minutesTried.flatMap((times) =>
      [0, 1.5].flatMap((correlationMinutes) =>
        [0, 0.5, 2, 15].map((leak) =>
          passive(leak === 0 ? 'clean passive' : 'leaking passive', world, { ...times, correlationMinutes, leak }),
        ),
      ),
    ),
  ),
  ...Object.keys(faults).map(faulty),
  ...[0.3, 1, 3].map(ratio),
  ...[0, 0.5, 2].map((leak) =>
    passive(leak === 0 ? 'clean wave' : 'leaking wave', 'wave', {
      ...minutesTried[3],
      correlationMinutes: 1 / 3,
      leak,
    }),
  ),
]

/** `atMost` is the share of runs with the mark, of each cell of the groups. Without it the figure is told, and is no goal. */
export const goals = [
  { name: 'a clean count at rest is called a LEAK', groups: ['clean counts'], mark: 'leak', atMost: 0.01 },
  {
    name: '1 leaked descriptor per 1,000 operations is not found in 12,000 judged operations',
    groups: ['power'],
    mark: 'notLeak',
    atMost: 0.01,
  },
  {
    name: 'a count that leaks X is shown to grow slower than X',
    groups: ['leaking counts', 'fast leaks'],
    mark: 'falselyBelow',
    atMost: 0.01,
  },
  {
    name: "a count's limits (99 % each) miss the truth",
    groups: ['leaking counts', 'fast leaks'],
    mark: 'outside',
    atMost: 0.02,
  },
  {
    name: 'a fast leak (1 to 15 a cycle) is taken for settling',
    groups: ['fast leaks'],
    mark: 'unjudged',
    atMost: 0.002,
  },
  { name: 'any look of 120 cycles calls a clean count a LEAK', groups: ['clean looks'], mark: 'leak', atMost: 0.01 },
  {
    name: 'any look of 120 cycles shows a count that leaks X to grow slower than X',
    groups: ['leaking looks'],
    mark: 'falselyBelow',
    atMost: 0.01,
  },
  { name: 'clean bytes at rest are called a LEAK', groups: ['clean bytes'], mark: 'leak', atMost: 0.01 },
  {
    name: 'bytes that leak X are shown to grow slower than X',
    groups: ['leaking bytes'],
    mark: 'falselyBelow',
    atMost: 0.01,
  },
  {
    name: 'the limits of bytes miss the truth',
    groups: ['clean bytes', 'leaking bytes'],
    mark: 'outside',
    atMost: 0.02,
  },
  {
    name: 'bytes that leak their noise a cycle are not found in 30 cycles',
    groups: ['found bytes'],
    mark: 'notLeak',
    atMost: 0.01,
  },
  { name: 'a clean count under load is called a LEAK', groups: ['clean passive'], mark: 'leak', atMost: 0.01 },
  {
    name: 'a count under load that leaks X is shown to grow slower than X',
    groups: ['leaking passive'],
    mark: 'falselyBelow',
    atMost: 0.01,
  },
  {
    name: 'a dead process, missing samples, no operations, or a gap is clean',
    groups: ['faulty'],
    mark: 'clean',
    atMost: 0,
  },
  { name: 'the ratio of two leaks is outside its limits', groups: ['ratio'], mark: 'outside', atMost: 0.02 },
  {
    name: 'known: a wave of 45 min, of which a run under load sees 30, is called a LEAK',
    groups: ['clean wave'],
    mark: 'leak',
  },
  {
    name: 'known: with such a wave, a leak of X is shown to be slower than X',
    groups: ['leaking wave'],
    mark: 'falselyBelow',
  },
]

/** The highest growth per 1,000 operations that is possible where nothing rose in 10,000 judged ones. */
export function limitWithoutRises() {
  const cycles = 10_000 / operationsPerCycle + cyclesBeside
  const at = Array.from({ length: cycles }, (_, i) => (i + 1) * operationsPerCycle)
  return 1_000 * verdictOn({ at, values: at.map(() => 100) }, { unit: 'operation', kind: 'count' }).growth.high
}

function between(random, from, to) {
  return from + (to - from) * random()
}

function round(value) {
  return Number(value.toPrecision(2))
}
