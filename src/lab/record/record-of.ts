import { cpus, release, totalmem } from 'node:os'
import type { Exposure, RunRecord, TargetRecord } from '../../soak/run-record.ts'
import { sumOf } from '../prometheus/parse.ts'
import type { LoadEngine } from '../engine/load-engine.ts'
import { type Evidence, gatesOf } from '../run/gates.ts'
import type { CycleObservation } from '../run/observations.ts'
import { rawEverySeconds } from '../run/observer.ts'
import type { End, Run } from '../run/run-lab.ts'
import { defaultCriteria } from './default-criteria.ts'
import { judgeRun, lookOf } from './judge-run.ts'
import { resourcesOf } from './resources.ts'

/** Of our own collector: what shows that connections were used, and used again. */
const ownCounters = {
  requests: 'log_capturer_docker_http_requests_total',
  reuse: 'log_capturer_docker_http_reused_total',
}
const survivorsWithinMs = 30_000

export interface Finished extends Run {
  readonly engine: LoadEngine
  readonly startedAt: string
  readonly end: End
}

/** Puts what was seen together, and judges it. */
export async function recordOf(run: Finished): Promise<RunRecord> {
  const { options, observer, engine, end, startedAt } = run
  const { user, system } = process.cpuUsage()
  return {
    format: 1,
    command: options.command,
    version: options.version,
    node: process.version,
    host: { kernel: release(), processors: cpus().length, memoryBytes: totalmem() },
    seed: options.seed,
    startedAt,
    seconds: observer.seconds,
    endedEarly: end.early,
    engine: { kind: engine.kind, version: engine.version },
    workload: {
      containers: options.containers,
      operationsPerCycle: options.operations,
      done: run.place.done,
    },
    targets: [await targetOf(run)],
    observer: { cpuSeconds: (user + system) / 1e6, samples: observer.raw.length, collections: observer.collections },
  }
}

async function targetOf(run: Finished): Promise<TargetRecord> {
  const { observer, options } = run
  const { cycles, raw, target } = observer
  const criteria = options.criteria ?? defaultCriteria
  const resources = resourcesOf({
    cycles,
    raw,
    wanted: Object.keys(criteria.resources),
    descriptorLimit: observer.descriptorLimit,
  })
  const gates = gatesOf(evidenceOf(run))
  const judged = { cycles, resources, criteria, isOptional: options.criteria === undefined, look: undefined }
  const verdict = judgeRun(judged)
  return {
    name: target.name,
    role: 'under test',
    pid: target.pid,
    exposure: exposureOf(run),
    gates,
    cycles: cycles.map(({ atSeconds, operations, rest }) => ({
      atSeconds,
      operations,
      drainSeconds: rest.seconds,
      isAtRest: rest.isAtRest,
    })),
    resources,
    verdict,
    looks: [lookOf(verdict, cycles.length)],
    survivors: await observer.survivors(AbortSignal.timeout(survivorsWithinMs)),
  }
}

function evidenceOf({ observer, end }: Finished): Evidence {
  const { cycles, raw, ended, clockStepSeconds, target } = observer
  const counters =
    target.probe === undefined
      ? {}
      : Object.fromEntries(Object.entries(ownCounters).map(([name, metric]) => [name, valuesOf(cycles, metric)]))
  return {
    cycles,
    raw,
    rawEverySeconds,
    ended,
    stuck: end.stuck,
    clockStepSeconds,
    counters,
  }
}

function exposureOf({ observer: { cycles } }: Finished): Exposure {
  const last = cycles.at(-1)
  return {
    operations: last?.operations ?? 0,
    streamsOpened: last?.engine.streams?.opened,
    streamsClosed: last?.engine.streams?.closed,
    linesWritten: last?.tally?.linesWritten ?? 0,
    linesDelivered: last?.tally?.linesDelivered,
    linesLost: last?.tally?.linesMissing,
    linesDoubled: last?.tally?.linesDoubled,
    requests: valuesOf(cycles, ownCounters.requests).at(-1),
    connectionsReused: valuesOf(cycles, ownCounters.reuse).at(-1),
  }
}

function valuesOf(cycles: readonly CycleObservation[], metric: string): readonly number[] {
  return cycles.flatMap(({ metrics }) => {
    if (metrics === undefined || 'failure' in metrics) return []
    const value = sumOf(metrics, metric)
    return value === undefined ? [] : [value]
  })
}
