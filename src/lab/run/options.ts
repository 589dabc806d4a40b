import type { CriteriaFile } from '../../soak/read-criteria.ts'
import type { PlantedLeak } from '../probe/messages.ts'
import type { ReferenceName } from '../references/index.ts'

export interface LabOptions {
  /** `log-capturer soak ...`, for the record. */
  readonly command: string
  readonly version: string
  readonly seed: number
  readonly engine: EngineChoice
  readonly target: TargetChoice
  /** Where the program under test shows its metrics; ours is known. */
  readonly metricsUrl: string | undefined
  /** File or folder that the program under test delivers to, where it does not deliver to the lab. */
  readonly delivered: string | undefined
  readonly references: readonly ReferenceName[]
  /** Cycles of work, or the time for them, whichever is over first; one of them is given. */
  readonly cycles: number | undefined
  readonly seconds: number | undefined
  /** A cycle begins no sooner than so long after the one before. */
  readonly everySeconds: number
  /** Container runs in a cycle. */
  readonly operations: number
  /** Containers at a time. */
  readonly containers: number
  /** Containers besides that live throughout the run, and are followed at every rest. */
  readonly standing: number
  readonly linesPerRun: number
  /** Lines a second of all containers together, at the most; undefined: as fast as they go. */
  readonly linesPerSecond: number | undefined
  /** Undefined: what the lab asks of a collector. */
  readonly criteria: CriteriaFile | undefined
  readonly leaks: readonly PlantedLeak[]
  /** The share of requests over connections that were used before must be larger; undefined: there must be some. */
  readonly leastReuse: number | undefined
}

export type EngineChoice =
  | { readonly kind: 'simulated'; readonly socketPath: string | undefined }
  | {
      readonly kind: 'real'
      /** As DOCKER_HOST has it. */
      readonly host: string
      /** Of the containers: it must be there, and have a shell. */
      readonly image: string
      /** A command that restarts the engine; undefined: it is not restarted. */
      readonly restart: string | undefined
    }

export type TargetChoice =
  | { readonly kind: 'self' }
  | { readonly kind: 'process'; readonly pid: number }
  | { readonly kind: 'command'; readonly line: string }

/** What is told while it runs. */
export interface Progress {
  readonly cycle: number
  readonly cycles: number | undefined
  readonly seconds: number
  readonly secondsLeft: number | undefined
  readonly operations: number
  readonly linesWritten: number
  readonly linesDelivered: number | undefined
  readonly phase: 'work' | 'drain' | 'wait'
  /** Cycles after which it is judged next. */
  readonly nextLook: number | undefined
  /** Each resource of the program under test: growth per operation as the last look had it. */
  readonly limits: readonly { readonly name: string; readonly low: number; readonly high: number }[]
}
