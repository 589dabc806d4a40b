import type { TailEvent } from '../../src/api/v1/schemas.ts'
import { reach, refusalOf } from '../lib/api.ts'

export interface TailListener {
  onEvent(event: TailEvent): void
  onState(state: 'open' | 'away', error?: string): void
}

const firstPauseMs = 500
const longestPauseMs = 10_000

export interface TailQuestion {
  readonly query: URLSearchParams
  /** So many lines of each container from before, when it is asked first; 0: none. */
  readonly last: number
}

/** Reads lines as they pass until `signal` aborts, connecting again when the collector has been away. */
export async function readTail(
  { query, last }: TailQuestion,
  listener: TailListener,
  signal: AbortSignal,
): Promise<void> {
  let pauseMs = firstPauseMs
  let asked = last > 0 ? `${query.toString()}&last=${last}` : query.toString()
  while (!hasAborted(signal)) {
    try {
      const response = await reach(`tail?${asked}`, { signal })
      if (!response.ok) throw await refusalOf(response)
      pauseMs = firstPauseMs
      asked = query.toString()
      listener.onState('open')
      await readEvents(response, listener)
      throw new Error('The collector has ended the connection.')
    } catch (error) {
      if (hasAborted(signal)) return
      listener.onState('away', (error as Error).message)
    }
    await pause(pauseMs, signal)
    pauseMs = Math.min(pauseMs * 2, longestPauseMs)
  }
}

/** Asked anew: the compiler takes an earlier answer for lasting. */
function hasAborted(signal: AbortSignal): boolean {
  return signal.aborted
}

/** `data: {...}` and an empty line, again and again. */
async function readEvents({ body }: Response, listener: TailListener): Promise<void> {
  const reader = body!.pipeThrough(new TextDecoderStream()).getReader()
  let rest = ''
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    const events = (rest + value).split('\n\n')
    rest = events.pop()!
    for (const event of events) listener.onEvent(JSON.parse(event.replace(/^data: /, '')) as TailEvent)
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    signal.addEventListener('abort', end)
  })
}
