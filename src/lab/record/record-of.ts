import { cpus, release, totalmem } from 'node:os'
import type { Exposure, RunRecord, TargetRecord } from '../../soak/run-record.ts'
import { sumOf } from '../prometheus/parse.ts'
import { type Evidence, gatesOf } from '../run/gates.ts'
import type { CycleObservation } from '../run/observations.ts'
import { rawEverySeconds } from '../run/observer.ts'
import type { End, Run } from '../run/run.ts'
import type { Subject } from '../run/subject.ts'
import { judgeSubject, lookOf } from './look-at.ts'

/** Of our own collector: what shows that connections were used, and used again. */
const ownCounters = {
  requests: 'log_capturer_docker_http_requests_total',
  reuse: 'log_capturer_docker_http_reused_total',
}
/** Names that the predecessor had, too. */
const streamMetrics = {
  opened: 'log_capturer_container_streams_opened_total',
  closed: 'log_capturer_container_streams_closed_total',
}
const linesMetric = 'log_capturer_logs_collected_total'
const survivorsWithinMs = 30_000

export interface Finished extends Run {
  readonly startedAt: string
  readonly end: End
}

/** Puts what was seen together, and judges it. */
export async function recordOf(run: Finished): Promise<RunRecord> {
  const { options, subjects, engine, end, startedAt, place } = run
  const { user, system } = process.cpuUsage()
  const observers = subjects.map(({ observer }) => observer)
  const targets = await Promise.all(subjects.map((subject) => targetOf(run, subject)))
  return {
    format: 1,
    command: options.command,
    version: options.version,
    node: process.version,
    host: { kernel: release(), processors: cpus().length, memoryBytes: totalmem() },
    seed: options.seed,
    startedAt,
    seconds: observers[0]!.seconds,
    endedEarly: end.early,
    engine: { kind: engine.kind, version: engine.version },
    workload: { containers: options.containers, operationsPerCycle: options.operations, done: place.done },
    targets,
    observer: {
      cpuSeconds: (user + system) / 1e6,
      lookingSeconds: sum(observers.map(({ lookingSeconds }) => lookingSeconds)),
      samples: sum(observers.map(({ raw }) => raw.length)),
      collections: sum(observers.map(({ collections }) => collections)),
    },
  }
}

async function targetOf(run: Finished, subject: Subject): Promise<TargetRecord> {
  const { options, end, looks } = run
  const { observer, role } = subject
  const { cycles, target } = observer
  // Who ends a run when it pleases has looked at it; its end is one more look.
  const look = end.early === undefined ? undefined : looks.length + 1
  const { resources, verdict } = judgeSubject(options, subject, look)
  return {
    name: target.name,
    role,
    pid: target.pid,
    exposure: exposureOf(run, subject),
    gates: gatesOf(evidenceOf(run, subject)),
    cycles: cycles.map(({ atSeconds, operations, rest }) => ({
      atSeconds,
      operations,
      drainSeconds: rest.seconds,
      isAtRest: rest.isAtRest,
    })),
    resources,
    verdict,
    looks: [...(role === 'under test' ? looks : []), lookOf(verdict, cycles.length)],
    survivors: await observer.survivors(AbortSignal.timeout(survivorsWithinMs)),
  }
}

function evidenceOf({ end, subjects, options }: Finished, { observer, tally, role }: Subject): Evidence {
  const { cycles, raw, ended, clockStepSeconds, target } = observer
  const counters = Object.entries(target.probe === undefined ? {} : ownCounters)
  return {
    role,
    cycles,
    raw,
    rawEverySeconds,
    ended,
    isTold: tally !== undefined,
    isAlone: subjects.length === 1,
    stuck: end.stuck,
    standing: options.standing,
    clockStepSeconds,
    leastReuse: role === 'under test' ? options.leastReuse : undefined,
    counters: Object.fromEntries(counters.map(([name, metric]) => [name, valuesOf(cycles, metric)])),
  }
}

function exposureOf({ subjects, place }: Finished, { observer: { cycles } }: Subject): Exposure {
  const last = cycles.at(-1)
  const lastOf = (metric: string) => valuesOf(cycles, metric).at(-1)
  // Of several programs on one engine each is asked for its own.
  const streams = subjects.length === 1 ? last?.engine.streams : undefined
  return {
    operations: last?.operations ?? 0,
    streamsOpened: streams?.opened ?? lastOf(streamMetrics.opened),
    streamsClosed: streams?.closed ?? lastOf(streamMetrics.closed),
    linesWritten: last?.tally?.linesWritten ?? place.linesWritten,
    linesDelivered: last?.tally?.linesDelivered ?? lastOf(linesMetric),
    linesLost: last?.tally?.linesMissing,
    linesDoubled: last?.tally?.linesDoubled,
    requests: lastOf(ownCounters.requests),
    connectionsReused: lastOf(ownCounters.reuse),
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

function valuesOf(cycles: readonly CycleObservation[], metric: string): readonly number[] {
  return cycles.flatMap(({ metrics }) => {
    if (metrics === undefined || 'failure' in metrics) return []
    const value = sumOf(metrics, metric)
    return value === undefined ? [] : [value]
  })
}
