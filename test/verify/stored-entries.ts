import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Agent, request } from 'undici'
import { LokiReceiver, type LokiReceiverOptions } from '../receivers/loki/loki-receiver.ts'
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

/** Another Loki, with these entries; over TLS with the certificates of a folder. */
export async function lokiWith(
  entries: readonly StoredEntry[],
  options: LokiReceiverOptions = {},
  certificateFolder?: string,
): Promise<LokiReceiver> {
  const loki = await LokiReceiver.open({
    limits: generousLimits,
    ...options,
    ...(certificateFolder !== undefined && { certificateFolder }),
  })
  const streams = entries.map(({ labels, metadata, time, line }) => ({
    stream: labels,
    values: [[time, line, metadata]],
  }))
  const read = (name: string) => readFileSync(join(certificateFolder!, name))
  const connect =
    certificateFolder === undefined ? {} : { ca: read('ca.pem'), cert: read('cert.pem'), key: read('key.pem') }
  const dispatcher = new Agent({ connect })
  const answer = await request(`${loki.url}/loki/api/v1/push`, {
    method: 'POST',
    dispatcher,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ streams }),
  })
  const text = await answer.body.text()
  await dispatcher.close()
  if (answer.statusCode !== 204) throw new Error(`${answer.statusCode}: ${text}`)
  return loki
}
