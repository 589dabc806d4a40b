import fc from 'fast-check'
import { expect, test } from 'vitest'
import { lineFlags } from '../../batch/flags.ts'
import { rowsOf } from '../../batch/row.ts'
import { BatchMaker } from '../../batch/testing.ts'
import { formatTimestamp } from '../../lib/timestamp.ts'
import { LabelSets } from './label-sets.ts'
import { planOf } from './plan.ts'
import { JsonEncoder, ProtobufEncoder } from './push-encoder.ts'
import { WasmPush } from './wasm-push.ts'
import { decodeJson, decodeProtobuf, type ReceivedEntry } from './testing.ts'

const line = fc.record({
  text: fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes)),
  container: fc.constantFrom('a', 'b', 'c"\\\n', 'ä€😀'),
  stream: fc.constantFrom('stdout' as const, 'stderr' as const),
  seconds: fc.integer({ min: 0, max: 2 ** 32 - 2 }),
  nanos: fc.integer({ min: 0, max: 999_999_999 }),
  ordinal: fc.integer({ min: 0, max: 1_000_000 }),
  flags: fc.constantFrom(0, lineFlags.truncated, lineFlags.truncated | lineFlags.gapBefore, lineFlags.dropped),
  ownTime: fc.option(
    fc.record({ seconds: fc.integer({ min: 0, max: 4_000_000_000 }), nanos: fc.integer({ min: 0, max: 999_999_999 }) }),
    { nil: undefined },
  ),
  fields: fc.option(
    fc.dictionary(
      fc.constantFrom('level', 'http.status', 'image', '0'),
      fc.oneof(fc.string({ unit: 'grapheme' }), fc.integer(), fc.boolean(), fc.constant(null)),
    ),
    { nil: undefined },
  ),
})
/** Names that Loki takes. */
const lokiNames: Readonly<Record<string, string>> = {
  ...{ level: 'level', 'http.status': 'http_status', image: 'image_extracted', '0': '_0' },
}

const encodings: [
  name: string,
  make: () => ProtobufEncoder | JsonEncoder,
  decode: (bytes: Uint8Array) => ReceivedEntry[],
][] = [
  ['protobuf', () => new ProtobufEncoder(WasmPush.create()), decodeProtobuf],
  ['json', () => new JsonEncoder(true), decodeJson],
]

test.each(encodings)('%s: others read what went in, stream by stream and in order', async (name, make, decode) => {
  const encoder = make()
  await fc.assert(
    fc.asyncProperty(fc.array(line, { minLength: 1, maxLength: 30 }), async (lines) => {
      const batch = new BatchMaker().batchOf(lines)
      const sets = new LabelSets({
        ...{ labels: { app: '{container.name}', stream: '{stream}' }, metadata: {} },
        ...{ tenant: undefined, hasMetadata: true, maxStreams: 100 },
      })
      const pushes = planOf(batch, {
        targetOf: (origin) => sets.targetOf(origin, 0),
        maxPushBytes: 2_000,
        newestOf: () => undefined,
      })
      const read: ReceivedEntry[] = []
      for (const push of pushes) {
        const encoded = await encoder.encode(push, batch)
        read.push(...decode(encoded.bytes))
        encoded.release()
      }
      const rows = rowsOf(batch).filter(({ flags }) => (flags & lineFlags.dropped) === 0)
      expect(read).toHaveLength(rows.length)
      for (const { container, stream } of rows.map(({ origin }) => origin)) {
        const labels = new Set(
          read.filter(({ metadata }) => metadata['container_id'] === container.id).map((entry) => entry.labels),
        )
        expect(labels.size).toBeLessThanOrEqual(2)
        const got = read.filter(
          (entry) => entry.metadata['container_id'] === container.id && entry.labels.endsWith(`stream="${stream}"}`),
        )
        const wanted = lines.filter(
          (one) => one.container === container.name && one.stream === stream && one.flags !== lineFlags.dropped,
        )
        expect(got.map(({ line: text }) => text)).toEqual(
          wanted.map(({ text }) => (name === 'json' ? Buffer.from(text.toString('utf8')) : text).toString('latin1')),
        )
        const own = new Set(['container_id', 'image', 'flags', 'engine_time'])
        expect(
          got.map(({ metadata }) =>
            Object.entries(metadata)
              .filter(([key]) => !own.has(key))
              .sort(),
          ),
        ).toEqual(
          wanted.map(({ fields = {} }) =>
            Object.entries(fields)
              .map(([field, value]): [string, string] => [lokiNames[field]!, String(value)])
              .sort(),
          ),
        )
        expect(got.map(({ seconds, nanos }) => BigInt(seconds) * 1_000_000_000n + BigInt(nanos))).toEqual(
          wanted.map(({ ordinal, ownTime, ...engine }) => {
            const { seconds, nanos } = ownTime ?? engine
            return BigInt(seconds) * 1_000_000_000n + BigInt(nanos + ordinal)
          }),
        )
        expect(got.map(({ metadata }) => metadata['engine_time'])).toEqual(
          wanted.map(({ ownTime, seconds, nanos }) => ownTime && formatTimestamp(seconds, nanos)),
        )
      }
    }),
    { numRuns: 200 },
  )
})

test.each(encodings)('%s: more than Loki takes of a line is left out', async (_, make, decode) => {
  const many = Object.fromEntries(Array.from({ length: 200 }, (_unused, i) => [`n${i}`, i]))
  const batch = new BatchMaker().batchOf([
    { text: 'a', fields: many },
    { text: 'b', fields: { long: 'x'.repeat(60_000), short: 'y' } },
  ])
  const sets = new LabelSets({ labels: { a: 'b' }, metadata: {}, tenant: undefined, hasMetadata: true, maxStreams: 1 })
  const [push] = planOf(batch, {
    targetOf: (origin) => sets.targetOf(origin, 0),
    maxPushBytes: 1_000_000,
    newestOf: () => undefined,
  })
  const { bytes } = await make().encode(push!, batch)
  const [first, second] = decode(bytes)
  expect(Object.keys(first!.metadata)).toHaveLength(100 + 2)
  expect(second!.metadata).toMatchObject({ short: 'y' })
  expect(second!.metadata).not.toHaveProperty('long')
})
