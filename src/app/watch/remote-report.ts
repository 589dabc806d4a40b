import type { WatchReport } from '../../api/watch-report.ts'
import { LogCapturerError } from '../../lib/error.ts'
import type { CollectorClient } from '../client/collector-client.ts'

export type { WatchedResourceReport, WatchOutcome, WatchReport } from '../../api/watch-report.ts'

/** The collector's report cannot be had. */
class WatchError extends LogCapturerError {
  readonly code = 'WATCH'
}

/** What a collector says of its own resources. @throws WatchError, ClientError */
export async function remoteReport(client: CollectorClient, signal: AbortSignal): Promise<WatchReport> {
  const { watch } = (await client.get('/health', signal)) as { readonly watch?: Partial<WatchReport> & WatchReport }
  if (watch?.resources === undefined)
    throw new WatchError(`what answers at ${client.url} says nothing of its own resources`, {
      hint: 'see whether it is a collector, and of the version of this program',
    })
  return watch
}
