import { Client, type PlainAddress, type Tally } from './client.ts'
import type { Follow } from './follow.ts'
import type { Technique } from './technique.ts'

/**
 * One client for everything, and streams that live a short time: each container gets a new follow at every rotation, and the old one is left as it is, blocked
 * in its read, with its connection. Whoever waits for it to return waits for ever.
 */
export function shortStreams(address: PlainAddress, tally: Tally): Technique {
  const client = new Client(address, tally)
  const abandoned: Follow[] = []
  return {
    take: () => client,
    giveBack: () => undefined,
    retire(follow) {
      follow.abandon()
      abandoned.push(follow)
    },
    clients: () => [client],
    abandoned: () => abandoned.length,
  }
}
