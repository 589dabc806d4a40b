import type { Metrics } from '../telemetry/metrics.ts'

/** Why a connection ended. */
export type CloseReason = 'idle' | 'peer' | 'aborted' | 'error' | 'shutdown' | 'not_reusable'

/**
 * The books of all connections to one engine, control requests and log streams together. `opened - closed` is what the kernel must
 * show as sockets to the engine; it is written in one place so that figure and truth cannot drift apart.
 */
export class ConnectionLedger {
  opened = 0
  closed = 0
  active = 0
  requests = 0
  reused = 0
  errors = 0
  readonly #metrics: Metrics
  readonly #source: string

  constructor(metrics: Metrics, source: string) {
    this.#metrics = metrics
    this.#source = source
    // Counters exist from the start: a missing series and a zero are not the same.
    for (const counter of [
      metrics.dockerHttpRequests,
      metrics.dockerHttpErrors,
      metrics.dockerHttpReused,
      metrics.dockerHttpOpened,
    ]) {
      counter.inc({ source }, 0)
    }
    this.#setGauges()
  }

  get open(): number {
    return this.opened - this.closed
  }

  get idle(): number {
    return this.open - this.active
  }

  connectionOpened(): void {
    this.opened += 1
    this.#metrics.dockerHttpOpened.inc({ source: this.#source })
    this.#setGauges()
  }

  connectionClosed(reason: CloseReason): void {
    this.closed += 1
    this.#metrics.dockerHttpClosed.inc({ source: this.#source, reason })
    this.#setGauges()
  }

  /** A request goes out, and takes a connection for itself. */
  requestStarted(): void {
    this.requests += 1
    this.active += 1
    this.#metrics.dockerHttpRequests.inc({ source: this.#source })
    this.#setGauges()
  }

  /** The request's connection had served another request before. */
  requestReused(): void {
    this.reused += 1
    this.#metrics.dockerHttpReused.inc({ source: this.#source })
  }

  /** The request's connection is free again, or gone. */
  requestEnded(): void {
    this.active -= 1
    this.#setGauges()
  }

  /** A request that got no answer, or an error status. */
  requestFailed(): void {
    this.errors += 1
    this.#metrics.dockerHttpErrors.inc({ source: this.#source })
  }

  #setGauges(): void {
    this.#metrics.dockerHttpActive.set({ source: this.#source }, this.active)
    this.#metrics.dockerHttpIdle.set({ source: this.#source }, this.idle)
  }
}
