import type { CollectorConfig } from '../app/registries.ts'
import { LogCapturerError, messageOf } from '../lib/error.ts'
import type { Log } from '../telemetry/log.ts'

/** The reason that `stop` aborts with. */
class ReloadAsked extends LogCapturerError {
  readonly code = 'RELOAD_ASKED'
}

/** The wish to go on with another configuration. */
export interface Reload extends Disposable {
  /** Aborts when there is another configuration to go on with. */
  readonly stop: AbortSignal
  /** Aborts when there is no more time to drain for its sake. */
  readonly drained: AbortSignal
  /** The configuration to go on with. */
  readonly config: CollectorConfig | undefined
}

export interface ReloadOptions {
  /** Reads the configuration again; throws when it cannot be used. */
  readonly loadAgain: () => CollectorConfig
  readonly drainTimeoutMs: number
  readonly log: Log
}

/** SIGHUP: a configuration that holds is gone on with; one that does not changes nothing, and the log says why. */
export function catchReload({ loadAgain, drainTimeoutMs, log }: ReloadOptions): Reload {
  const stop = new AbortController()
  const drained = new AbortController()
  let timer: NodeJS.Timeout | undefined
  let config: CollectorConfig | undefined
  const onSignal = () => {
    try {
      config = loadAgain()
    } catch (error) {
      log.error({ error: messageOf(error) }, 'the configuration cannot be used; the one before stays')
      return
    }
    log.info({}, 'the configuration was read again')
    timer ??= setTimeout(() => drained.abort(new ReloadAsked('the configuration was read again')), drainTimeoutMs)
    stop.abort(new ReloadAsked('the configuration was read again'))
  }
  process.on('SIGHUP', onSignal)
  return {
    stop: stop.signal,
    drained: drained.signal,
    get config() {
      return config
    },
    [Symbol.dispose]: () => {
      clearTimeout(timer)
      process.off('SIGHUP', onSignal)
    },
  }
}
