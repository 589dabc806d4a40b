import type { Look, ResourceRecord, RunRecord, TargetRecord } from '../run-record.ts'
import { judge, type Verdict } from '../verdict/judge.ts'
import { scheduleOfLooks } from '../verdict/looks.ts'
import { cycleSeries, type Random, seededRandom } from '../verdict/worlds.ts'

/** Records of runs that never were, for tests: the readings come from a seed, the verdict is the real one. */
export interface RecordOptions {
  readonly seed?: number
  readonly cycles?: number
  readonly target?: TargetOptions
  readonly references?: readonly TargetOptions[]
}

export interface TargetOptions {
  readonly name?: string
  /** Items a cycle, by resource. */
  readonly leaks?: Readonly<Record<string, number>>
  readonly resources?: readonly string[]
  readonly unmetGate?: string
  readonly survivors?: TargetRecord['survivors']
}

const operationsPerCycle = 500
const secondsPerCycle = 40

export function recordOf({ seed = 7, cycles = 48, target = {}, references = [] }: RecordOptions): RunRecord {
  const random = seededRandom(seed)
  const size = { random, cycles }
  return {
    format: 1,
    command: `log-capturer soak run --seed ${seed} --cycles ${cycles}`,
    version: '0.1.0',
    node: 'v20.19.0',
    host: { kernel: '6.1.0-37-amd64', processors: 2, memoryBytes: 25_200_000_000 },
    seed,
    startedAt: '2026-11-23T12:48:58Z',
    seconds: cycles * secondsPerCycle,
    endedEarly: undefined,
    engine: { kind: 'simulated', version: '28.1.0' },
    workload: {
      containers: 20,
      operationsPerCycle,
      done: { create: cycles * 40, restart: cycles * 12, 'engine restart': 3 },
    },
    targets: [
      targetOf(size, 'under test', target),
      ...references.map((options) => targetOf(size, 'reference', options)),
    ],
    observer: { cpuSeconds: 12.31, lookingSeconds: 0.84, samples: cycles * secondsPerCycle, collections: cycles * 2 },
  }
}

interface Size {
  readonly random: Random
  readonly cycles: number
}

function targetOf({ random, cycles }: Size, role: TargetRecord['role'], options: TargetOptions): TargetRecord {
  const { name = 'log-capturer', leaks = {}, unmetGate, survivors = [] } = options
  const names = options.resources ?? ['descriptors', 'sockets', 'threads', 'heap']
  const resources = [
    ...names.map((one) => resourceOf({ random, cycles }, one, leaks[one] ?? 0)),
    { ...resourceOf({ random, cycles }, 'resident memory', 0), unit: 'bytes' as const, isInformative: true },
  ]
  const operations = cycles * operationsPerCycle
  const lines = operations * 3
  const looks = scheduleOfLooks(cycles).map((at, i) => ({
    at,
    verdict: verdictOf(resources, at, i + 1),
  }))
  return {
    name,
    role,
    pid: 4_711,
    exposure: {
      operations,
      streamsOpened: operations,
      streamsClosed: operations,
      linesWritten: lines,
      linesDelivered: lines,
      linesLost: 0,
      linesDoubled: 0,
      requests: role === 'reference' ? undefined : operations * 2,
      connectionsReused: role === 'reference' ? undefined : operations - 40,
    },
    gates: [
      { name: 'same process', isMet: true, detail: 'process 4711 from the first reading to the last' },
      {
        name: 'readings',
        isMet: true,
        detail: `${cycles} of ${cycles} cycles have one, no gap is longer than 3 intervals`,
      },
      {
        name: 'lines delivered',
        isMet: unmetGate === undefined,
        detail: unmetGate ?? `${lines} of ${lines}, none twice`,
      },
    ],
    cycles: Array.from({ length: cycles }, (_, i) => ({
      atSeconds: (i + 1) * secondsPerCycle,
      operations: (i + 1) * operationsPerCycle,
      drainSeconds: 6.5,
      isAtRest: true,
    })),
    resources,
    verdict: looks.at(-1)!.verdict,
    looks: looks.map(({ at, verdict }) => lookOf(at, verdict)),
    survivors,
  }
}

function resourceOf({ random, cycles }: Size, name: string, leak: number): ResourceRecord {
  const isSize = /heap|memory/.test(name)
  const floors = isSize
    ? Array.from({ length: cycles }, (_, i) =>
        Math.round(24e6 + 4e6 * (1 - Math.exp(-i / 2)) + 2e5 * random() + leak * i),
      )
    : cycleSeries(random, 'drained', { cycles, leak }).values
  const swing = isSize ? 9e6 : 40
  return {
    name,
    kind: isSize ? 'size' : 'count',
    unit: isSize ? 'bytes' : 'items',
    floors,
    raw: floors.flatMap((floor, i) =>
      Array.from({ length: 10 }, (_, k) => ({
        atSeconds: i * secondsPerCycle + k * 4,
        value: Math.round(floor + (k < 8 ? swing * random() : 0)),
      })),
    ),
    limit: name === 'descriptors' ? 1_024 : undefined,
    isInformative: false,
  }
}

/** Of the first `cycles`, at their `look`-th look. */
function verdictOf(resources: readonly ResourceRecord[], cycles: number, look: number): Verdict {
  const judged = resources.filter((one) => !one.isInformative)
  const series = {
    unit: 'operation' as const,
    at: Array.from({ length: cycles }, (_, i) => (i + 1) * operationsPerCycle),
    resources: judged.map(({ name, floors }) => ({
      name,
      values: floors.slice(0, cycles).map((floor) => floor ?? NaN),
    })),
    unread: [],
    identities: [],
  }
  const criteria = judged.map(({ name, kind }) => ({ name, kind, below: kind === 'count' ? 0.001 : 100 }))
  return judge(series, { alpha: 0.01, look, warmUp: undefined, resources: criteria })
}

function lookOf(cycles: number, { level, resources }: Verdict): Look {
  return {
    cycles,
    level,
    resources: resources.map(({ name, growth, outcome }) => ({
      name,
      low: growth?.low,
      rate: growth?.rate,
      high: growth?.high,
      outcome,
    })),
  }
}

/** Twelve resources, 500 cycles. */
export function hugeRecord(): RunRecord {
  const counts = 'descriptors sockets threads timers listeners handles pipes workers goroutines connections'.split(' ')
  return recordOf({
    cycles: 500,
    target: { resources: [...counts, 'heap', 'external memory'], leaks: { timers: 0.2 } },
  })
}

export const hostile = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)> | **bold** [link](https://example.com) `code`',
  ']]></style></svg><!-- & \u202e\u0007\ud800',
  'a-very-long-name-without-a-place-to-break-it-'.repeat(6),
] as const

/** Every text that may come from outside. */
export function hostileRecord(): RunRecord {
  const [first, second, third, long] = hostile
  const run = recordOf({
    cycles: 24,
    target: {
      name: second,
      resources: hostile,
      leaks: { [first]: 2 },
      survivors: hostile.map((what) => ({ kind: third, what, amount: 1 })),
    },
    references: [{ name: long, resources: hostile }],
  })
  const [target, ...others] = run.targets
  const gates = hostile.map((name) => ({ name, isMet: true, detail: second }))
  return {
    ...run,
    command: `log-capturer soak run --label '${second}' ${long}`,
    version: third,
    endedEarly: first,
    engine: { kind: 'real', version: second },
    workload: { ...run.workload, done: { [second]: 3 } },
    targets: [{ ...target!, gates }, ...others],
  }
}

/** Of a run that ended before its first cycle did. */
export function emptyRecord(): RunRecord {
  const run = recordOf({ cycles: 1 })
  const [target] = run.targets
  const verdict = { ...target!.verdict, outcome: 'invalid' as const, readings: 0, resources: [] }
  return {
    ...run,
    endedEarly: 'Ctrl-C',
    targets: [
      {
        ...target!,
        cycles: [],
        gates: [],
        looks: [],
        verdict,
        resources: target!.resources.map((one) => ({ ...one, floors: [], raw: [] })),
      },
    ],
  }
}
