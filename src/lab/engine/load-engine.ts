import type { Fault, Life, RunPlan } from '../work/plan.ts'

/** An engine whose containers the lab creates, starts, ends and removes. */
export interface LoadEngine extends AsyncDisposable {
  readonly kind: 'simulated' | 'real'
  readonly version: string
  /** As DOCKER_HOST has it. */
  readonly host: string
  /** `name=value` that its containers carry; undefined: all containers of the engine are the lab's. */
  readonly label: string | undefined
  /** The faults that can be made to strike it. */
  readonly faults: readonly Fault[]
  /** Runs of the container are numbered from `firstRun` on. */
  create(life: Life, firstRun: number, signal: AbortSignal): Promise<LoadContainer>
  strike(fault: Fault, signal: AbortSignal): Promise<void>
  /** What the engine says of itself. */
  look(signal: AbortSignal): Promise<EngineReading>
}

export interface LoadContainer {
  /** Begins the next run, which writes its lines as planned. */
  start(signal: AbortSignal): Promise<void>
  /** Ends a run that waits to be ended. */
  end(ending: RunPlan['ending'], signal: AbortSignal): Promise<void>
  /** Resolves when the run has ended. */
  ended(signal: AbortSignal): Promise<void>
  remove(signal: AbortSignal): Promise<void>
}

export interface EngineReading {
  /** Log streams that were opened and closed, follows and bounded reads, whoever asked for them; undefined: the engine does not count them. */
  readonly streams: { readonly opened: number; readonly closed: number } | undefined
  /** Runs of containers that have ended, by the engine's own count. */
  readonly runsEnded: number
  /** `NFd` and `NGoroutines` of /info; undefined where the daemon does not run with `debug`. */
  readonly descriptors: number | undefined
  readonly goroutines: number | undefined
}
