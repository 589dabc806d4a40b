import { EventEmitter, getEventListeners } from 'node:events'
import type { LiveObjects } from './live-objects.ts'

type Emitter = EventEmitter<Record<string | symbol, unknown[]>>

/** The listeners of everything that lives and can be listened to, by owner and event: how many of each. */
export function livingListeners(objects: LiveObjects): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  const add = (name: string, count: number) => {
    if (count > 0) counts.set(name, (counts.get(name) ?? 0) + count)
  }
  objects.each<Emitter>(EventEmitter.prototype as Emitter, (emitters) => {
    for (const emitter of emitters)
      for (const event of eventsOf(emitter)) add(nameOf(emitter, event), countOf(emitter, event))
  })
  objects.each(AbortSignal.prototype, (signals) => {
    for (const signal of signals) add('AbortSignal: abort', abortListeners(signal))
  })
  return counts
}

/** Prototypes of emitters are found as well; they have no listeners of their own, and some throw when they are asked. */
function eventsOf(emitter: Emitter): readonly (string | symbol)[] {
  if (!Object.hasOwn(emitter, '_events') || isDestroyed(emitter)) return []
  return emitter.eventNames()
}

function countOf(emitter: Emitter, event: string | symbol): number {
  return emitter.listenerCount(event)
}

function nameOf(emitter: Emitter, event: string | symbol): string {
  const owner = (emitter as { readonly constructor?: { readonly name?: string } }).constructor?.name ?? 'object'
  return `${owner}: ${String(event)}`
}

function abortListeners(signal: AbortSignal): number {
  return signal === AbortSignal.prototype ? 0 : getEventListeners(signal, 'abort').length
}

/** A stream that is over hears nothing any more; when it is collected is the collector's business. */
function isDestroyed(emitter: object): boolean {
  return (emitter as { readonly destroyed?: boolean }).destroyed === true
}
