import type { Arrived } from './ids.ts'

export type Question =
  | { readonly ask: 'state' }
  | { readonly ask: 'hold' }
  | { readonly ask: 'release' }
  | { readonly ask: 'drain'; readonly lines: number }
  | { readonly ask: 'count'; readonly lines: number }

export interface ReceiverState {
  readonly port: number
  readonly requests: number
  readonly bytes: number
  /** Milliseconds since 1970; NaN: none came. */
  readonly firstAtMs: number
  readonly lastAtMs: number
}

export interface Answers {
  readonly state: ReceiverState
  readonly hold: true
  readonly release: true
  readonly drain: true
  readonly count: Arrived
}

/** The clock that both processes read. */
export function nowMs(): number {
  return performance.timeOrigin + performance.now()
}
