export type Stream = 'stdout' | 'stderr'

/** What a program sees of the container that runs it. */
export interface SimulatedProcess {
  /** Aborts when the process has ended, by itself or by a signal: everything that the program waits for ends with it. */
  readonly signal: AbortSignal
  /**
   * Writes to the container's pipe. False when the pipe is full (the engine is down and 64 KiB wait for it): the bytes
   * are kept, but a program that behaves like a real one waits for `ready` before it writes more.
   */
  write(stream: Stream, bytes: Buffer): boolean
  /** Resolves when the process may run on: it is not paused, and the pipe has room. */
  ready(): Promise<void>
  /** `ready`, not before `ms` milliseconds. */
  sleep(ms: number): Promise<void>
  /**
   * From now on a signal other than KILL is the handler's business. Without a handler, TERM, INT and QUIT end the process
   * with 128 + its number and every other signal is ignored.
   */
  onSignal(handler: (signal: number) => void): void
  /** Ends the process; later calls do nothing. */
  exit(code: number): void
}

/** Runs until it resolves, which ends the container with the given exit code, or until its process has ended. */
export type Program = (process: SimulatedProcess) => Promise<number>

/** A program that does nothing: the test writes and ends it from outside. */
export const idle: Program = (process) =>
  new Promise((_resolve, reject) => {
    const { signal } = process
    const onAbort = () => reject(signal.reason as Error)
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
  })

/** Signals by the names that the API takes. */
export const signalNumbers: Readonly<Record<string, number>> = {
  HUP: 1,
  INT: 2,
  QUIT: 3,
  KILL: 9,
  USR1: 10,
  USR2: 12,
  TERM: 15,
  CONT: 18,
  STOP: 19,
  WINCH: 28,
}

/** `TERM`, `SIGTERM` or `15`; undefined when it is no signal. */
export function parseSignal(text: string): number | undefined {
  const name = text.toUpperCase().replace(/^SIG/, '')
  if (/^\d+$/.test(name)) return Number(name) >= 1 && Number(name) <= 64 ? Number(name) : undefined
  return signalNumbers[name]
}
