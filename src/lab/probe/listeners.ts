import { EventEmitter, getEventListeners } from 'node:events'
import { Living } from './living.ts'

type Emitter = EventEmitter<Record<string | symbol, unknown[]>>

/** Every emitter is made by it: lib/events.js of Node 20 to 24, where domains hook into it as well. */
interface MakesEmitters {
  init: (this: Emitter, options?: object) => void
}

/**
 * From now on notes what can be listened to: every emitter when it is made, and abort signals when they are listened to. Gives a function that tells the listeners of
 * those that live, by owner and event: how many of each.
 */
export function watchListeners(): () => ReadonlyMap<string, number> {
  const emitters = new Living<Emitter>()
  const signals = new Living<AbortSignal>()
  emitters.note(process as unknown as Emitter)
  noteEmitters(emitters)
  noteSignals(signals)
  return () => {
    const counts = new Map<string, number>()
    const add = (name: string, count: number) => {
      if (count > 0) counts.set(name, (counts.get(name) ?? 0) + count)
    }
    for (const emitter of emitters.all().filter(isHearing))
      for (const event of emitter.eventNames()) add(nameOf(emitter, event), emitter.listenerCount(event))
    for (const signal of signals.all()) add('AbortSignal: abort', getEventListeners(signal, 'abort').length)
    return counts
  }
}

function noteEmitters(emitters: Living<Emitter>): void {
  const making = EventEmitter as unknown as MakesEmitters
  const { init } = making
  making.init = function (options) {
    emitters.note(this)
    init.call(this, options)
  }
}

function noteSignals(signals: Living<AbortSignal>): void {
  const { prototype } = EventTarget
  const listen = Reflect.get(prototype, 'addEventListener')
  prototype.addEventListener = function (event, listener, options) {
    if (this instanceof AbortSignal) signals.note(this)
    listen.call(this, event, listener, options)
  }
}

function nameOf(emitter: Emitter, event: string | symbol): string {
  const owner = (emitter as { readonly constructor?: { readonly name?: string } }).constructor?.name ?? 'object'
  return `${owner}: ${String(event)}`
}

/** A stream that is over hears nothing any more; when it is collected is the collector's business. */
function isHearing(emitter: object): boolean {
  return (emitter as { readonly destroyed?: boolean }).destroyed !== true
}
