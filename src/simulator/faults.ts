import { Bug } from '../lib/error.ts'

/** What happens to whole requests instead of their answer. */
export type RequestFault = (
  | { readonly kind: 'error-status'; readonly status: number }
  /** Bytes that are no HTTP, then the end of the connection. */
  | { readonly kind: 'not-http' }
  /** The connection is accepted and the request read, and nothing ever comes back. */
  | { readonly kind: 'silence' }
) & {
  /** Which paths, without the version; undefined: all. */
  readonly path?: RegExp
  readonly times: number
}

/** What happens to the bodies of log reads and follows, those that are open already included. */
export interface BodyFault {
  readonly kind: /** The connection is cut. */
    | 'reset'
    /** Nothing more is sent, and the connection stays. */
    | 'stall'
    /** The body ends as if complete, within a frame. */
    | 'cut-frame'
    /** Bytes that are no frame come between two frames. */
    | 'garbage-frame'
    /** A frame's head promises 4 GiB; the frames that follow are its payload. */
    | 'huge-frame'
  /** After so many bytes of the body (HTTP chunking not counted); the two last kinds wait for the next frame's begin. */
  readonly atByte: number
  /** Name or id; undefined: all. */
  readonly container?: string
  readonly times: number
}

interface Armed<F> {
  readonly fault: F
  left: number
}

/** The faults that are to come. Each one fires `times` times. */
export class Faults {
  /** Faults that have fired, for the engine's counts. */
  fired = 0
  #requests: Armed<RequestFault>[] = []
  #bodies: Armed<BodyFault>[] = []

  addRequest(fault: RequestFault): void {
    this.#requests.push({ fault, left: fault.times })
  }

  addBody(fault: BodyFault): void {
    this.#bodies.push({ fault, left: fault.times })
  }

  clear(): void {
    this.#requests = []
    this.#bodies = []
  }

  /** The fault that strikes a request for `path`; it has fired with that. */
  takeRequest(path: string): RequestFault | undefined {
    const armed = this.#requests.find(({ fault }) => fault.path?.test(path) ?? true)
    if (!armed) return undefined
    this.#fire(armed)
    this.#requests = this.#requests.filter(({ left }) => left > 0)
    return armed.fault
  }

  /** The fault that waits for the body of this container's log. */
  bodyFaultFor(container: { readonly id: string; readonly name: string }): BodyFault | undefined {
    if (this.#bodies.length === 0) return undefined
    return this.#bodies.find(
      ({ fault }) => !fault.container || fault.container === container.id || fault.container === container.name,
    )?.fault
  }

  /** A body has come to the place of its fault. */
  fireBody(fault: BodyFault): void {
    const armed = this.#bodies.find((candidate) => candidate.fault === fault)
    if (!armed) throw new Bug('a fault fired that was not armed')
    this.#fire(armed)
    this.#bodies = this.#bodies.filter(({ left }) => left > 0)
  }

  #fire(armed: { left: number }): void {
    armed.left -= 1
    this.fired += 1
  }
}
