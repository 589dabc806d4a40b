import { sleep } from '../../src/lib/wait.ts'

const patienceMs = 20_000
const lookEveryMs = 500

/** Counts again while lines are missing and more of them come: on a busy machine a program may stand still for seconds. */
export async function untilComplete<T extends { readonly missing: number }>(
  count: () => T | Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  let [fewest, sinceMs] = [Number.POSITIVE_INFINITY, performance.now()]
  for (;;) {
    const counted = await count()
    if (counted.missing === 0) return counted
    if (counted.missing < fewest) [fewest, sinceMs] = [counted.missing, performance.now()]
    else if (performance.now() - sinceMs > patienceMs) return counted
    await sleep(lookEveryMs, signal)
  }
}
