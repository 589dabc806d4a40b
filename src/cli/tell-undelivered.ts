import type { Collector } from '../app/collector.ts'
import type { Log } from '../telemetry/log.ts'
import { exitCodes, type ExitCode } from './exit-code.ts'

/** Names what was not delivered, sink by sink. */
export function tellUndelivered(undelivered: ReturnType<Collector['undelivered']>, log: Log): ExitCode {
  for (const { sink, batches, lines, linesOnDisk } of undelivered) {
    if (batches > 0)
      log.error({ sink, batches, lines }, 'lines were read and not delivered; they are read again at the next start')
    if (linesOnDisk > 0)
      log.error({ sink, lines: linesOnDisk }, 'lines are kept on disk and not delivered; they are sent after the next start')
  }
  return undelivered.length === 0 ? exitCodes.ok : exitCodes.failure
}
