import { createInterface } from 'node:readline'
import { z } from 'zod'
import { hasAborted, sleep } from '../../lib/wait.ts'
import type { Client } from './client.ts'

export interface Watch {
  readonly client: Client
  /** The containers that ran at the beginning are known. */
  readonly onReady: () => void
  /** A container runs: at each start, and again whenever the engine has been away. */
  readonly onRunning: (id: string) => void
  /** A container was removed. */
  readonly onGone: (id: string) => void
}

const listed = z.array(z.object({ Id: z.string() }))
const event = z.object({ Action: z.string(), Actor: z.object({ ID: z.string() }) })
const eventsPath = `/events?filters=${encodeURIComponent(JSON.stringify({ type: ['container'], event: ['start', 'destroy'] }))}`

const retryMs = 500
/** A process whose purpose is to leak does not outlive its engine. */
const giveUpMs = 30_000

/** Tells of containers until the signal aborts. @throws ReferenceFailure when the engine cannot be reached at first, or not for half a minute */
export async function watchContainers(watch: Watch, signal: AbortSignal): Promise<void> {
  let answeredAtMs = -Infinity
  while (!hasAborted(signal)) {
    const session = { isReady: false }
    const onReady = () => {
      session.isReady = true
      watch.onReady()
    }
    try {
      await watchOnce({ ...watch, onReady }, signal)
      answeredAtMs = performance.now()
    } catch (error) {
      if (hasAborted(signal)) return
      if (session.isReady) answeredAtMs = performance.now()
      if (performance.now() - answeredAtMs > giveUpMs) throw error
    }
    await sleep(retryMs, signal).catch(() => undefined)
  }
}

/** Until the events end. They are opened first: what starts between list and events would be missed the other way round. */
async function watchOnce({ client, onReady, onRunning, onGone }: Watch, signal: AbortSignal): Promise<void> {
  const events = await client.open(eventsPath, signal)
  try {
    for (const { Id } of listed.parse(JSON.parse(await client.get('/containers/json', signal)))) onRunning(Id)
    onReady()
    for await (const line of createInterface({ input: events, crlfDelay: Infinity })) {
      const { Action, Actor } = event.parse(JSON.parse(line))
      if (Action === 'start') onRunning(Actor.ID)
      else onGone(Actor.ID)
    }
  } finally {
    events.destroy()
  }
}
