import type { CollectorSnapshot } from '../app/snapshot.ts'
import { hasAborted, isAbortOf, sleep } from '../lib/wait.ts'
import type { LiveText } from './live-text.ts'
import { printLine } from './print.ts'
import { type Moment, statusLine, statusLines } from './status.ts'

const redrawMs = 500
const plainMs = 5_000

/** Shows the collector's state until `signal` aborts: in place on a terminal, as a line now and then elsewhere. */
export async function showStatus(
  snapshot: () => Promise<CollectorSnapshot>,
  live: LiveText | undefined,
  signal: AbortSignal,
): Promise<void> {
  const look = async (): Promise<Moment> => ({ snapshot: await snapshot(), atMs: performance.now() })
  let before = await look()
  while (!hasAborted(signal)) {
    try {
      await sleep(live ? redrawMs : plainMs, signal)
    } catch (error) {
      if (!isAbortOf(signal, error)) throw error
      break
    }
    const now = await look()
    if (live) live.draw(statusLines(now, before))
    else printLine(statusLine(now, before))
    before = now
  }
}
