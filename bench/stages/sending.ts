import { gunzipSync, gzipSync } from 'node:zlib'
import type { Batch } from '../../src/batch/batch.ts'
import type { Records } from '../../src/batch/json/record-form.ts'
import { Output } from '../../src/lib/output.ts'
import { DiskQueue } from '../../src/pipeline/disk-queue/disk-queue.ts'
import { ndjsonRecords } from '../../src/sinks/file/encode-ndjson.ts'
import { TextRecords } from '../../src/sinks/file/encode-text.ts'
import { JsonPushEncoder } from '../../src/sinks/loki/json.ts'
import { LabelSets } from '../../src/sinks/loki/label-sets.ts'
import { planOf, type Push } from '../../src/sinks/loki/plan.ts'
import { encodeProtobuf, measurePush } from '../../src/sinks/loki/protobuf.ts'
import { ProtobufEncoder } from '../../src/sinks/loki/push-encoder.ts'
import { maxCompressedBytes, SnappyEncoder } from '../../src/sinks/loki/snappy.ts'
import { WasmPush } from '../../src/sinks/loki/wasm-push.ts'
import { createLog } from '../../src/telemetry/log.ts'
import { batchesOf } from './columns.ts'
import type { Pass, Stage } from './stage.ts'

/** Batches that the disk confirms together. */
const group = 12
const maxPushBytes = 3 << 20

export const sending: readonly Stage[] = [
  {
    name: 'stage-push',
    what: 'columns -> plan of pushes to Loki -> protobuf and snappy, in one step',
    open({ records }) {
      const plan = planner()
      const encoder = new ProtobufEncoder(WasmPush.create())
      return everyBatch(batchesOf(records), (batch) => {
        for (const push of plan(batch)) encoder.encode(push, batch).release()
      })
    },
  },
  {
    name: 'stage-protobuf',
    what: 'columns -> plan of pushes to Loki -> protobuf, the plain way, which lines with fields go',
    open({ records }) {
      const plan = planner()
      const batches = batchesOf(records)
      const bytes = Buffer.alloc(largestOf(batches, plan))
      return everyBatch(batches, (batch) => {
        for (const push of plan(batch)) encodeProtobuf(push, batch, measurePush(push, batch), bytes)
      })
    },
  },
  {
    name: 'stage-snappy',
    what: 'protobuf -> snappy',
    open({ records }) {
      const encoded = encodedPushes(records)
      const snappy = new SnappyEncoder(WasmPush.create()!.encodeBlock)
      const packed = Buffer.alloc(Math.max(...encoded.map(({ bytes }) => maxCompressedBytes(bytes.length))))
      return everyPush(encoded, (bytes) => snappy.encode(bytes, bytes.length, packed))
    },
  },
  {
    name: 'stage-json',
    what: 'columns -> plan of pushes to Loki -> JSON',
    open({ records }) {
      const plan = planner()
      const encoder = new JsonPushEncoder(true)
      const output = new Output(1 << 20)
      return everyBatch(batchesOf(records), (batch) => {
        for (const push of plan(batch)) encoder.encode(push, batch, output)
      })
    },
  },
  {
    name: 'stage-gzip',
    what: 'JSON of pushes -> gzip, level 1',
    open({ records }) {
      const encoded = jsonPushes(records)
      const [first] = encoded
      if (!gunzipSync(gzipSync(first!.bytes, { level: 1 })).equals(first!.bytes)) throw new Error('gzip has lost bytes')
      return everyPush(encoded, (bytes) => gzipSync(bytes, { level: 1 }).length)
    },
  },
  toRecords('ndjson', 'NDJSON', ndjsonRecords),
  toRecords('text', 'lines of text', () => new TextRecords()),
  {
    name: 'stage-disk-queue',
    what: 'columns -> disk, confirmed, -> columns',
    async open({ records, folder }) {
      const batches = batchesOf(records)
      const queue = await DiskQueue.open({
        folder,
        maxBytes: 8 * 2 ** 30,
        log: createLog('silent'),
        onLost: () => undefined,
      })
      return async () => {
        for (let at = 0; at < batches.length; at += group)
          await queue.append(batches.slice(at, at + group).map((batch) => ({ batch, progress: batch.progress })))
        let lines = 0
        for (let batch = await queue.read(); batch !== undefined; batch = await queue.read()) {
          lines += batch.count
          queue.consume()
          batch.release()
        }
        return lines
      }
    },
  },
]

/** What a file gets. */
function toRecords(name: string, what: string, create: () => Records): Stage {
  return {
    name: `stage-${name}`,
    what: `columns -> ${what}`,
    open({ records }) {
      const form = create()
      const output = new Output(1 << 20)
      const rowsOf = new Map<Batch, number[]>()
      const batches = batchesOf(records)
      for (const batch of batches)
        rowsOf.set(
          batch,
          Array.from({ length: batch.count }, (_, row) => row),
        )
      return everyBatch(batches, (batch) => {
        output.length = 0
        form.begin(batch)
        form.write(rowsOf.get(batch)!, output)
        form.end()
      })
    },
  }
}

type Planner = (batch: Batch) => readonly Push[]

function planner(): Planner {
  const labels = { container: '{container.name}', stream: '{stream}' }
  const sets = new LabelSets({ labels, metadata: {}, tenant: undefined, hasMetadata: true, maxStreams: 100 })
  return (batch) =>
    planOf(batch, { targetOf: (origin) => sets.targetOf(origin, 0), maxPushBytes, newestOf: () => undefined })
}

function largestOf(batches: readonly Batch[], plan: Planner): number {
  return Math.max(...batches.flatMap((batch) => plan(batch).map((push) => measurePush(push, batch).bytes)))
}

function everyBatch(batches: readonly Batch[], encode: (batch: Batch) => void): Pass {
  return () => {
    let lines = 0
    for (const batch of batches) {
      encode(batch)
      lines += batch.count
    }
    return lines
  }
}

function linesIn({ groups }: Push): number {
  return groups.reduce((sum, { from, to }) => sum + to - from, 0)
}

interface EncodedPush {
  readonly bytes: Buffer
  readonly lines: number
}

function everyPush(pushes: readonly EncodedPush[], compress: (bytes: Buffer) => number): Pass {
  return () => {
    let lines = 0
    for (const push of pushes) if (compress(push.bytes) > 0) lines += push.lines
    return lines
  }
}

function encodedPushes(records: Buffer): EncodedPush[] {
  const plan = planner()
  return batchesOf(records).flatMap((batch) =>
    plan(batch).map((push) => {
      const size = measurePush(push, batch)
      const bytes = Buffer.alloc(size.bytes)
      return { bytes: bytes.subarray(0, encodeProtobuf(push, batch, size, bytes)), lines: linesIn(push) }
    }),
  )
}

function jsonPushes(records: Buffer): EncodedPush[] {
  const plan = planner()
  const encoder = new JsonPushEncoder(true)
  return batchesOf(records).flatMap((batch) =>
    plan(batch).map((push) => {
      const output = new Output(1 << 20)
      encoder.encode(push, batch, output)
      return { bytes: Buffer.from(output.bytes.subarray(0, output.length)), lines: linesIn(push) }
    }),
  )
}
