import { setMaxListeners } from 'node:events'

/** Resolves after `ms` milliseconds; rejects with the signal's reason as soon as it aborts. Leaves no timer behind. */
export function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason as Error)
      return
    }
    const onAbort = () => {
      clearTimeout(timer)
      reject(signal.reason as Error)
    }
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', onAbort)
      resolve()
    }, ms)
    signal.addEventListener('abort', onAbort, { once: true })
  })
}

/** Rejects with the signal's reason if it aborts before `promise` settles. The promise itself is not cancelled. */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      promise.catch(() => undefined)
      reject(signal.reason as Error)
      return
    }
    const onAbort = () => reject(signal.reason as Error)
    signal.addEventListener('abort', onAbort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}

/**
 * A signal that aborts with the first of `signals`, until it is disposed of. `AbortSignal.any` keeps an entry in every long-lived signal
 * for each call on Node 20 and 22 (nodejs/node#54614): in a pool that lends for months that is a leak.
 */
export function linkSignals(...signals: readonly AbortSignal[]): Disposable & { readonly signal: AbortSignal } {
  const controller = new AbortController()
  const onAbort = (event: Event) => controller.abort((event.target as AbortSignal).reason)
  const unlink = () => {
    for (const signal of signals) signal.removeEventListener('abort', onAbort)
  }
  controller.signal.addEventListener('abort', unlink, { once: true })
  for (const signal of signals) {
    setMaxListeners(0, signal)
    if (signal.aborted) controller.abort(signal.reason)
    else signal.addEventListener('abort', onAbort, { once: true })
  }
  return { signal: controller.signal, [Symbol.dispose]: unlink }
}

/** A promise with its hands outside. */
export interface Deferred<T> {
  readonly promise: Promise<T>
  readonly resolve: (value: T) => void
  readonly reject: (error: unknown) => void
}

export function deferred<T = void>(): Deferred<T> {
  let resolve!: (value: T) => void
  let reject!: (error: unknown) => void
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve
    reject = onReject
  })
  return { promise, resolve, reject }
}

/** `signal.aborted`, asked anew: the compiler takes an earlier answer for lasting. */
export function hasAborted(signal: AbortSignal): boolean {
  return signal.aborted
}

/** Whether `error` is how `signal` ends a wait, as opposed to a failure of its own. */
export function isAbortOf(signal: AbortSignal, error: unknown): boolean {
  return signal.aborted && (error === signal.reason || (error instanceof Error && error.name === 'AbortError'))
}
