import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Batch } from '../../batch/batch.ts'
import type { FieldValue } from '../../batch/fields/values.ts'
import { lineFlags } from '../../batch/flags.ts'
import type { Records } from '../../batch/json/record-form.ts'
import { BatchMaker } from '../../batch/testing.ts'
import { TextRecords } from './encode-text.ts'
import { ndjsonRecords } from './encode-ndjson.ts'
import { formatTimestamp } from '../../lib/timestamp.ts'
import { Output } from '../../lib/output.ts'

function writeAll(records: Records, batch: Batch, output: Output): void {
  records.begin(batch)
  records.write(
    Array.from({ length: batch.count }, (_, i) => i),
    output,
  )
  records.end()
}

test('text is byte for byte', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { minLength: 1, maxLength: 20 }), (texts) => {
      const batch = new BatchMaker().batchOf(texts.map((text) => ({ text: Buffer.from(text) })))
      const output = new Output(1)
      writeAll(new TextRecords(), batch, output)
      const expected = Buffer.concat(texts.flatMap((text) => [Buffer.from(text), Buffer.from('\n')]))
      return output.bytes.subarray(0, output.length).equals(expected)
    }),
  )
})

const records = ndjsonRecords()

test('NDJSON is what JSON.parse reads back, one line each', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          text: fc.oneof(
            fc.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.from(bytes)),
            fc.string({ unit: 'binary' }),
            fc.constantFrom('', '\\', '"', '\u0000\u001f', 'ä€😀', 'plain'),
          ),
          seconds: fc.integer({ min: 0, max: 4_000_000_000 }),
          nanos: fc.integer({ min: 0, max: 999_999_999 }),
          stream: fc.constantFrom('stdout' as const, 'stderr' as const),
          labels: fc.constant({ 'a"b': 'c\\d', ü: '\n' }),
          flags: fc.constantFrom(
            0,
            lineFlags.truncated,
            lineFlags.truncated | lineFlags.gapBefore,
            lineFlags.unterminated,
          ),
          ownTime: fc.option(
            fc.record({
              seconds: fc.integer({ min: 0, max: 4_000_000_000 }),
              nanos: fc.integer({ min: 0, max: 999_999_999 }),
            }),
            { nil: undefined },
          ),
          fields: fc.option(
            fc.dictionary(
              fc.constantFrom('level', 'a"b', 'http.status', '__proto__', 'é'),
              fc.jsonValue() as fc.Arbitrary<FieldValue>,
            ),
            { nil: undefined },
          ),
        }),
        { minLength: 1, maxLength: 10 },
      ),
      (lines) => {
        const batch = new BatchMaker().batchOf(lines)
        const output = new Output(1)
        writeAll(records, batch, output)
        const texts = output.bytes.toString('utf8', 0, output.length).split('\n')
        expect(texts.pop()).toBe('')
        expect(texts.map((text) => JSON.parse(text) as unknown)).toEqual(
          lines.map(({ text, seconds, nanos, stream, labels, flags, fields = {}, ownTime }) => ({
            timestamp: formatTimestamp(ownTime?.seconds ?? seconds, ownTime?.nanos ?? nanos),
            ...(ownTime === undefined ? {} : { engine_time: formatTimestamp(seconds, nanos) }),
            message: Buffer.from(text as string).toString(),
            ...(Object.keys(fields).length === 0 ? {} : { fields: JSON.parse(JSON.stringify(fields)) as object }),
            stream,
            container: { id: 'app', name: 'app', image: 'image' },
            labels,
            host: 'host',
            ...((flags & 5) === 0 ? {} : { flags: (flags & 4) === 0 ? ['truncated'] : ['truncated', 'gap_before'] }),
          })),
        )
      },
    ),
    { numRuns: 300 },
  )
})
