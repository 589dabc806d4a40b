import { request } from 'undici'
import { LokiReceiver } from '../receivers/loki/loki-receiver.ts'
import { generousLimits } from '../receivers/loki/limits.ts'

/** An entry of a Loki, taken out of it. */
export interface StoredEntry {
  readonly labels: Readonly<Record<string, string>>
  readonly metadata: Readonly<Record<string, string>>
  /** Nanoseconds since 1970. */
  readonly time: string
  readonly line: string
}

/** All entries of a tenant, in the order in which they came. */
export function entriesIn(loki: LokiReceiver, tenant = 'fake'): StoredEntry[] {
  return loki.streams({}, tenant).flatMap((stream) =>
    Array.from({ length: stream.count }, (_, i) => ({
      labels: Object.fromEntries(stream.labels.pairs),
      metadata: stream.metadata(i),
      time: stream.time(i),
      line: stream.text(i),
    })),
  )
}

/** Another Loki, with these entries. */
export async function lokiWith(
  entries: readonly StoredEntry[],
  options: Parameters<typeof LokiReceiver.open>[0] = {},
): Promise<LokiReceiver> {
  const loki = await LokiReceiver.open({ limits: generousLimits, ...options })
  const streams = entries.map(({ labels, metadata, time, line }) => ({
    stream: labels,
    values: [[time, line, metadata]],
  }))
  const answer = await request(`${loki.url}/loki/api/v1/push`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ streams }),
  })
  if (answer.statusCode !== 204) throw new Error(`${answer.statusCode}: ${await answer.body.text()}`)
  return loki
}
