import { Collector } from '../app/collector.ts'
import type { CollectorConfig } from '../app/registries.ts'
import { messageOf } from '../lib/error.ts'
import { isAbortOf, linkSignals } from '../lib/wait.ts'
import { exitCodes, type ExitCode } from './exit-code.ts'
import { catchReload, type ReloadOptions } from './reload.ts'
import type { Shutdown } from './shutdown.ts'
import { tellUndelivered } from './tell-undelivered.ts'

export interface CollectOptions extends ReloadOptions {
  readonly config: CollectorConfig
  readonly shutdown: Shutdown
}

/**
 * Collects until the shutdown. A reload drains the collector and opens another, which goes on at the cursors: whatever the change is, no
 * line is lost. When the other cannot be opened, the one before is opened again.
 */
export async function collect(options: CollectOptions): Promise<ExitCode> {
  const { shutdown, log } = options
  let { config } = options
  let before: CollectorConfig | undefined
  while (true) {
    // Caught all the time: without a listener SIGHUP ends the process.
    using reload = catchReload(options)
    using stop = linkSignals(shutdown.stop, reload.stop)
    using drained = linkSignals(shutdown.drained, reload.drained)
    let code: ExitCode = exitCodes.ok
    try {
      await using collector = await Collector.open({ config, log, signal: stop.signal })
      before = undefined
      log.info({}, 'collecting')
      await collector.run(stop.signal, drained.signal)
      code = tellUndelivered(collector.undelivered(), log)
    } catch (error) {
      if (!isAbortOf(stop.signal, error)) {
        if (before === undefined) throw error
        log.error({ error: messageOf(error) }, 'the new configuration does not work; the one before is used again')
        config = before
        before = undefined
        continue
      }
    }
    if (reload.config === undefined || shutdown.stop.aborted) return code
    before = config
    config = reload.config
  }
}
