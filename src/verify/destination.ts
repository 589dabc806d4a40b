import type { Delivered } from './delivered.ts'
import type { Time, TruthContainer } from './truth.ts'

/** What is to be read of a destination. */
export interface Wanted {
  /** An empty place for the records; asked for again where reading begins anew. */
  begin(): Delivered
  /** All containers of the engine, and those of them that are compared. */
  readonly listed: readonly TruthContainer[]
  readonly containers: readonly TruthContainer[]
  /** The engine's name for its host. */
  readonly host: string
  /** Time of the oldest line that is compared; undefined: there is none. */
  readonly oldest: Time | undefined
  readonly until: Time | undefined
}

export interface Held {
  readonly delivered: Delivered
  /** Where it was found: "3 files". */
  readonly place: string
  /** Records that could not be read as such. */
  readonly unreadable: number
  /** What cannot be known of this destination, for people. */
  readonly notes: readonly string[]
}

/** Whatever holds delivered lines. @throws VerifyError when it cannot be read */
export interface Destination {
  read(wanted: Wanted, signal: AbortSignal): Promise<Held>
}
