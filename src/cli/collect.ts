import { Collector } from '../app/collector.ts'
import type { CollectorConfig } from '../app/registries.ts'
import type { ConfigInput } from '../config/input.ts'
import { isAbortOf } from '../lib/wait.ts'
import type { RootLog } from '../telemetry/log.ts'
import { exitCodes, type ExitCode } from './exit-code.ts'
import { catchReloadWishes } from './reload.ts'
import type { Shutdown } from './shutdown.ts'
import { tellUndelivered } from './tell-undelivered.ts'

export interface CollectOptions {
  readonly config: CollectorConfig
  /** Reads the configuration again; throws when it cannot be used. */
  readonly loadAgain: () => CollectorConfig
  /** Given: a change of its files is a reload. */
  readonly watched: ConfigInput | undefined
  readonly drainTimeoutMs: number
  readonly log: RootLog
  readonly shutdown: Shutdown
}

/** Collects until the shutdown; goes on with a changed configuration when it is wished. */
export async function collect(options: CollectOptions): Promise<ExitCode> {
  const { config, loadAgain, drainTimeoutMs, watched, log, shutdown } = options
  const { stop, drained } = shutdown
  try {
    await using wishes = catchReloadWishes({ signal: stop, watched, log })
    await using collector = await Collector.open({ config, loadAgain, drainTimeoutMs, log, signal: stop })
    wishes.start(collector)
    log.info({}, 'collecting')
    await collector.run(stop, drained)
    return tellUndelivered(collector.undelivered(), log)
  } catch (error) {
    if (!isAbortOf(stop, error)) throw error
    return exitCodes.ok
  }
}
