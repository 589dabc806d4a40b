import type { WatchReport } from '../../api/watch-report.ts'
import { LogCapturerError, messageOf } from '../../lib/error.ts'
import { apiUrl } from '../api-url.ts'
import type { CollectorConfig } from '../registries.ts'

export type { WatchedResourceReport, WatchOutcome, WatchReport } from '../../api/watch-report.ts'

/** The collector's report cannot be had. */
export class WatchError extends LogCapturerError {
  readonly code = 'WATCH'
}

/** A collector that is stuck shall not hold whoever asks. */
const timeoutMs = 10_000

/** Where the collector of this configuration can be asked. @throws WatchError */
export function watchUrl({ api }: CollectorConfig): string {
  if (api.listen === 'off' || api.listen.port === 0)
    throw new WatchError('the collector cannot be asked: api.listen of this configuration names no port', {
      hint: 'set api.listen, for the collector too, or say with --url where it listens',
    })
  return apiUrl(api.listen)
}

/** What the collector at `url` says of its own resources. @throws WatchError */
export async function remoteReport(url: string, signal: AbortSignal): Promise<WatchReport> {
  const { watch } = await healthAt(url, signal)
  if (watch?.resources === undefined)
    throw new WatchError(`what answers at ${url} says nothing of its own resources`, {
      hint: 'see whether it is a collector, and of the version of this program',
    })
  return watch
}

async function healthAt(
  url: string,
  signal: AbortSignal,
): Promise<{ readonly watch?: Partial<WatchReport> & WatchReport }> {
  try {
    const answer = await fetch(new URL('/health', url), {
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      redirect: 'error',
    })
    return (await answer.json()) as { readonly watch?: WatchReport }
  } catch (error) {
    if (signal.aborted) throw error
    const cause = error instanceof TypeError && error.cause !== undefined ? error.cause : error
    throw new WatchError(`cannot ask the collector at ${url}: ${messageOf(cause)}`, {
      cause,
      hint: 'see whether it runs, and whether this is where it listens (api.listen)',
    })
  }
}
