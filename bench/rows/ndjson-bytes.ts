import { closeSync, openSync, readSync } from 'node:fs'
import { Output } from '../../src/lib/output.ts'
import { ndjsonRecords } from '../../src/sinks/file/encode-ndjson.ts'
import { batchesOf } from '../stages/columns.ts'
import type { Bench } from './row.ts'

const sampleBytes = 4 << 20

/** How many bytes a line of the input has as NDJSON, by the first of them. */
export function ndjsonBytesPerLine({ input }: Bench): number {
  const bytes = Buffer.allocUnsafeSlow(sampleBytes)
  const file = openSync(input.path, 'r')
  const length = readSync(file, bytes)
  closeSync(file)
  const batches = batchesOf(bytes.subarray(0, bytes.lastIndexOf(10, length - 1) + 1))
  const [records, output] = [ndjsonRecords(), new Output(sampleBytes)]
  let lines = 0
  for (const batch of batches) {
    records.begin(batch)
    records.write([...Array(batch.count).keys()], output)
    records.end()
    lines += batch.count
  }
  return output.length / lines
}
