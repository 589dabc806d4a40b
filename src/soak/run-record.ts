import type { Verdict } from './verdict/judge.ts'
import type { ResourceKind } from './verdict/series.ts'

/**
 * What a run of the lab leaves behind as `run.json`: everything that its report shows and that another run is compared with. Times are seconds since the run's
 * start, from a monotonic clock.
 */
export interface RunRecord {
  readonly format: 1
  /** `log-capturer soak ...` that repeats the run, its seed included. */
  readonly command: string
  readonly version: string
  readonly node: string
  readonly host: { readonly kernel: string; readonly processors: number; readonly memoryBytes: number }
  readonly seed: number
  /** RFC 3339. */
  readonly startedAt: string
  readonly seconds: number
  /** Why it ended before its time (`Ctrl-C`); undefined: it ran as long as it was asked to. */
  readonly endedEarly: string | undefined
  readonly engine: { readonly kind: 'simulated' | 'real'; readonly version: string }
  readonly workload: Workload
  /** The program under test first, then the reference collectors that ran under the same load at the same time. */
  readonly targets: readonly TargetRecord[]
  readonly observer: {
    /** Processor time of the lab's own process, its load and simulated engine included. */
    readonly cpuSeconds: number
    /** Of them and of the programs': what looking took, the probe within a program of ours included. Undefined: not measured. */
    readonly lookingSeconds: number | undefined
    readonly samples: number
    /** Heap collections that the probe asked for. */
    readonly collections: number
  }
}

export interface Workload {
  readonly containers: number
  readonly operationsPerCycle: number
  /** A stream opened and closed is one operation. What else was done, by kind: `create`, `restart`, `engine restart`, `sink refuses`. */
  readonly done: Readonly<Record<string, number>>
}

export interface TargetRecord {
  /** `log-capturer`, `pid 4711`, the command, or the name of a reference collector. */
  readonly name: string
  readonly role: 'under test' | 'reference'
  readonly pid: number
  readonly exposure: Exposure
  /** Conditions without which nothing is judged. */
  readonly gates: readonly Gate[]
  readonly cycles: readonly CycleRecord[]
  readonly resources: readonly ResourceRecord[]
  /** Growth is per operation. */
  readonly verdict: Verdict
  /** The verdict at each look that was taken while the run grew; the last one is `verdict`. */
  readonly looks: readonly Look[]
  /** What was opened after the warm-up and was still there two rests later, most numerous first. */
  readonly survivors: readonly Survivor[]
}

/** Proof that the work was done. Undefined: the target does not tell. */
export interface Exposure {
  readonly operations: number
  /** Streams that the engine opened and closed for this target, by its own count. */
  readonly streamsOpened: number | undefined
  readonly streamsClosed: number | undefined
  readonly linesWritten: number
  readonly linesDelivered: number | undefined
  readonly linesLost: number | undefined
  readonly linesDoubled: number | undefined
  readonly requests: number | undefined
  readonly connectionsReused: number | undefined
}

export interface Gate {
  /** `same process`, `lines delivered`, ... */
  readonly name: string
  readonly isMet: boolean
  /** What was seen, with figures. */
  readonly detail: string
}

export interface CycleRecord {
  /** When the cycle's readings at rest were taken. */
  readonly atSeconds: number
  /** All operations up to here. */
  readonly operations: number
  readonly drainSeconds: number
  /** The drain came to rest in its time. */
  readonly isAtRest: boolean
}

export interface ResourceRecord {
  /** `descriptors`, `sockets`, `threads`, `heap`, `engine descriptors`, or a metric's name. */
  readonly name: string
  readonly kind: ResourceKind
  readonly unit: 'items' | 'bytes' | 'seconds'
  /** The reading at rest of each cycle: as many as cycles; null where there is none. Judged. */
  readonly floors: readonly (number | null)[]
  /** Under load, for the chart only. */
  readonly raw: readonly { readonly atSeconds: number; readonly value: number }[]
  /** The most that the process may hold, by its own limits (`RLIMIT_NOFILE` of descriptors); what a leak is projected to. Undefined: none is known. */
  readonly limit: number | undefined
  /** Not judged: it only informs (resident size). */
  readonly isInformative: boolean
}

export interface Look {
  /** Cycles done. */
  readonly cycles: number
  readonly level: number
  readonly resources: readonly {
    readonly name: string
    /** Growth per operation; undefined: not judged at this look. */
    readonly low: number | undefined
    readonly rate: number | undefined
    readonly high: number | undefined
    readonly outcome: Verdict['outcome']
  }[]
}

export interface Survivor {
  /** `descriptor`, `timer`, `listener`, `heap`. */
  readonly kind: string
  /** What it is, as far as can be told: `file /var/log/x`, `tcp to 127.0.0.1:2375`, `unix socket`, `abort listeners of AbortSignal`, a function that allocated. */
  readonly what: string
  /** Items, or bytes for heap. */
  readonly amount: number
}
