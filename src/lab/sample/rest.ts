import { sleep } from '../../lib/wait.ts'

export interface Rest<T> {
  /** Taken once it was at rest, or at the end of the time for that. */
  readonly readings: readonly T[]
  readonly isAtRest: boolean
  readonly seconds: number
}

export interface RestOptions<T> {
  readonly read: () => T
  /** What must not change. */
  readonly countOf: (reading: T) => number
  /** Whether it may be called rest at all; asked when the count does not change. */
  readonly isDone: () => Promise<boolean>
  /** Nothing is called rest before. */
  readonly settleMs: number
  readonly everyMs: number
  readonly withinMs: number
}

const unchanged = 3
const readingsAtRest = 5

/** Waits until the count is the same three times in a row, everything has settled and is done, then reads five times. */
export async function comeToRest<T>(options: RestOptions<T>, signal: AbortSignal): Promise<Rest<T>> {
  const { read, countOf, isDone, settleMs, everyMs, withinMs } = options
  const startedAtMs = performance.now()
  const elapsed = () => performance.now() - startedAtMs
  let isAtRest = false
  for (let last = -1, same = 0; !isAtRest && elapsed() < withinMs; ) {
    await sleep(everyMs, signal)
    const count = countOf(read())
    same = count === last ? same + 1 : 1
    last = count
    isAtRest = same >= unchanged && elapsed() >= settleMs && (await isDone())
  }
  const seconds = elapsed() / 1_000
  const readings = [read()]
  while (readings.length < readingsAtRest) {
    await sleep(everyMs, signal)
    readings.push(read())
  }
  return { readings, isAtRest, seconds }
}
