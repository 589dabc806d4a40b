import { constants } from 'node:os'
import { LogCapturerError } from '../lib/error.ts'

/** The reason that `stop` aborts with. */
class StopAsked extends LogCapturerError {
  readonly code = 'STOP_ASKED'
}

/** The reason that `drained` aborts with. */
class DrainTimedOut extends LogCapturerError {
  readonly code = 'DRAIN_TIMED_OUT'
}

/** Ctrl-C below `npm start` arrives twice: from the terminal, and forwarded by npm. */
const sameKeystrokeMs = 500

export interface Shutdown extends Disposable {
  /** Aborts when the process is asked to end. */
  readonly stop: AbortSignal
  /** Aborts when there is no more time to drain. */
  readonly drained: AbortSignal
}

/** SIGTERM and SIGINT: the first asks, and the time to drain begins; a second ends the process at once. */
export function catchStopSignals(drainTimeoutMs: number, onStop: (signal: NodeJS.Signals) => void): Shutdown {
  const stop = new AbortController()
  const drained = new AbortController()
  let timer: NodeJS.Timeout | undefined
  let stoppedAtMs: number | undefined
  const onSignal = (signal: NodeJS.Signals) => {
    if (stoppedAtMs !== undefined) {
      if (performance.now() - stoppedAtMs < sameKeystrokeMs) return
      // As a shell says of a program that a signal has ended.
      process.exit(128 + constants.signals[signal])
    }
    stoppedAtMs = performance.now()
    onStop(signal)
    timer = setTimeout(() => {
      drained.abort(new DrainTimedOut(`not everything was delivered within ${drainTimeoutMs} ms`))
    }, drainTimeoutMs)
    stop.abort(new StopAsked(`${signal} was received`))
  }
  process.on('SIGTERM', onSignal).on('SIGINT', onSignal)
  return {
    stop: stop.signal,
    drained: drained.signal,
    [Symbol.dispose]: () => {
      clearTimeout(timer)
      process.off('SIGTERM', onSignal).off('SIGINT', onSignal)
    },
  }
}
