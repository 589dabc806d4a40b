/** Lines as columns, made as the collector makes them. */
import type { Batch } from '../../src/batch/batch.ts'
import { BatchBuilder } from '../../src/batch/builder.ts'
import type { Origin } from '../../src/batch/origin.ts'
import { LineStream } from '../../src/engine/line-stream.ts'
import { LineWriter } from '../../src/engine/line-writer.ts'
import type { LogStreams } from '../../src/engine/log-streams.ts'
import { RecordReader } from '../../src/log-file/record-reader.ts'
import { createRecordScanner, type RecordScanner } from '../../src/log-file/record-scanner.ts'

export interface ColumnWriter {
  readonly writer: LineWriter
  readonly streams: LogStreams
  /** Hands on what is left. */
  seal(): void
}

/** What lines of one container are written with. */
export function openColumns(onBatch: (batch: Batch) => void): ColumnWriter {
  const builder = new BatchBuilder(onBatch)
  const clock = { now: () => Number.MAX_SAFE_INTEGER, isFine: false, neverRepeats: true }
  const counts = { lines: 0, bytes: 0, repeats: 0, truncated: 0, gaps: 0 }
  const stream = (name: 'stdout' | 'stderr') => new LineStream(originOf(name), clock, undefined)
  return {
    writer: new LineWriter({ builder, clock, counts, maxLineBytes: 1 << 20 }),
    streams: { stdout: stream('stdout'), stderr: stream('stderr') },
    seal: () => builder.seal(),
  }
}

function originOf(stream: 'stdout' | 'stderr'): Origin {
  const container = { id: '4b1f9c7d2e'.repeat(6), name: 'shop-web-1', image: 'registry.example/shop/web:1.2' }
  return { key: `engine/${container.id}/${stream}`, stream, container, labels: {}, host: 'node-7' }
}

/** Scans a file's bytes, a buffer at a time, into columns. The copy into the buffer stands for the read. */
export function scanInto(bytes: Buffer, scanner: RecordScanner, { writer, streams }: ColumnWriter): void {
  const reader = new RecordReader({ streams, wanted: ['stdout', 'stderr'], writer, format: { isTty: false } })
  const { input, records } = scanner
  const taken = { stdout: 0, stderr: 0 }
  streams.stdout.beginFile(false)
  streams.stderr.beginFile(false)
  for (let at = 0, left = 0; at < bytes.length; ) {
    const copied = bytes.copy(input, left, at)
    at += copied
    const filled = left + copied
    const count = scanner.scan(0, filled)
    reader.take(scanner, count, { inode: 1, base: at - filled, taken })
    const next = count > 0 ? records.next[count - 1]! : 0
    input.copyWithin(0, next, filled)
    left = filled - next
  }
}

/** All lines of a file of the driver json-file, for stages that begin with batches. */
export function batchesOf(records: Buffer): Batch[] {
  const batches: Batch[] = []
  const columns = openColumns((batch) => batches.push(batch))
  scanInto(records, createRecordScanner(), columns)
  columns.seal()
  return batches
}
