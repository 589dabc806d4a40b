import type { Client } from './client.ts'
import type { Follow } from './follow.ts'

/** How a reference collector handles its clients and its follows: where it goes wrong. */
export interface Technique {
  /** A client for a follow or a request, until it is given back. */
  take(): Client
  giveBack(client: Client): void
  /** Does away with a follow that another is about to replace. */
  retire(follow: Follow): void
  /** All that have been made and not closed. */
  clients(): readonly Client[]
  /** Readers that nobody waits for. */
  abandoned(): number
}
