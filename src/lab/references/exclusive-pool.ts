import { Client, type PlainAddress, type Tally } from './client.ts'
import type { Technique } from './technique.ts'

const poolSize = 5

/**
 * A pool of clients that are held exclusively, follows included, which hold theirs as long as a container runs. Where all are taken an overflow client is
 * made. It is used once and never closed, so that a connection that it keeps for its next request is kept for good: one for each request that was
 * answered to its end, be it a look at a container or a log that ended with its container.
 */
export function exclusivePool(address: PlainAddress, tally: Tally): Technique {
  const pool = Array.from({ length: poolSize }, () => new Client(address, tally))
  const free = [...pool]
  const overflow: Client[] = []
  return {
    take() {
      const client = free.shift()
      if (client) return client
      const another = new Client(address, tally)
      overflow.push(another)
      return another
    },
    giveBack(client) {
      if (pool.includes(client)) free.push(client)
    },
    retire: (follow) => follow.cut(),
    clients: () => [...pool, ...overflow],
    abandoned: () => 0,
  }
}
