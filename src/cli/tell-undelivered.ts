import type { Collector } from '../app/collector.ts'
import type { Log } from '../telemetry/log.ts'
import { exitCodes, type ExitCode } from './exit-code.ts'

/** Names what was not delivered, sink by sink. */
export function tellUndelivered(undelivered: ReturnType<Collector['undelivered']>, log: Log): ExitCode {
  const owed = undelivered.filter(({ batches }) => batches > 0)
  for (const { sink, batches, lines } of owed) {
    log.error({ sink, batches, lines }, 'lines were read and not delivered; they are read again at the next start')
  }
  return owed.length === 0 ? exitCodes.ok : exitCodes.failure
}
