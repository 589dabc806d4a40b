import type { TailLine } from './tail-line.ts'

/** Lines of one log, in its order, some at a time. */
export type TailLines = AsyncGenerator<readonly TailLine[]>

/** Lines that are given on at a time at the most. */
const maxLines = 1_000

interface Head {
  readonly lines: TailLines
  ready: readonly TailLine[]
  /** Of the next line in `ready`. */
  at: number
}

/**
 * The lines of many logs in the order of their times; those of one log stay in its own. Of each log there is no more in memory than what it gives at a
 * time. Each log that has not ended is waited for.
 */
export async function* mergeByTime(logs: readonly TailLines[]): TailLines {
  const heads: Head[] = []
  const refill = async (head: Head): Promise<void> => {
    for (;;) {
      const next = await head.lines.next()
      if (next.done === true) return
      if (next.value.length === 0) continue
      head.ready = next.value
      head.at = 0
      insert(heads, head)
      return
    }
  }
  await Promise.all(logs.map((lines) => refill({ lines, ready: [], at: 0 })))
  let merged: TailLine[] = []
  for (let first = heads.shift(); first !== undefined; first = heads.shift()) {
    merged.push(first.ready[first.at]!)
    first.at += 1
    if (first.at < first.ready.length) insert(heads, first)
    else {
      // It may take its time: what is known is shown meanwhile.
      yield merged
      merged = []
      await refill(first)
    }
    if (merged.length >= maxLines) {
      yield merged
      merged = []
    }
  }
  if (merged.length > 0) yield merged
}

/** Behind those of the same time. */
function insert(heads: Head[], head: Head): void {
  const time = timeOf(head)
  let low = 0
  let high = heads.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (timeOf(heads[middle]!) <= time) low = middle + 1
    else high = middle
  }
  heads.splice(low, 0, head)
}

/** Times are written with as many digits, all of them. */
function timeOf({ ready, at }: Head): string {
  return ready[at]!.time
}
