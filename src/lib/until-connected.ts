import type { Socket } from 'node:net'

export interface ConnectingOptions {
  /** For the connection to stand, TLS included. */
  readonly timeoutMs: number
  readonly isTls: boolean
  readonly timedOut: () => Error
  /** What the caller is told of an error of the network; not given: the error itself. */
  readonly failed?: (error: Error) => Error
}

/** Resolves when the socket stands; the caller owns it then. On a time-out, a cancel or an error nothing stays open. */
export function untilConnected(
  socket: Socket,
  { timeoutMs, isTls, timedOut, failed = (error) => error }: ConnectingOptions,
  signal: AbortSignal,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const settle = (outcome: () => void) => {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
      socket.removeListener('error', onError)
      outcome()
    }
    const fail = (error: Error) =>
      settle(() => {
        // Whatever the socket still says while it goes is no news.
        socket.on('error', () => undefined)
        socket.destroy()
        reject(error)
      })
    const onError = (error: Error) => fail(failed(error))
    const onAbort = () => fail(signal.reason as Error)
    const timer = setTimeout(() => fail(timedOut()), timeoutMs)
    signal.addEventListener('abort', onAbort, { once: true })
    socket.once('error', onError)
    socket.once(isTls ? 'secureConnect' : 'connect', () => settle(() => resolve(socket)))
  })
}
