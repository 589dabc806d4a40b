import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatTimestamp } from '../lib/timestamp.ts'
import { LocalScanner } from './local-scanner.ts'
import { maxRecords, recordKind } from './records.ts'
import { localRecord, type LocalRecord, readAll, type ReadRecord } from './testing.ts'

const scanner = new LocalScanner()

const record = fc.record(
  {
    stream: fc.constantFrom('stdout' as const, 'stderr' as const),
    seconds: fc.oneof(
      fc.integer({ min: 1_795_000_000, max: 1_795_000_003 }),
      fc.integer({ min: 1, max: 4_600_000_000 }),
    ),
    nanos: fc.integer({ min: 0, max: 999_999_999 }),
    text: fc.oneof(
      { weight: 8, arbitrary: fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)) },
      { weight: 1, arbitrary: fc.integer({ min: 100, max: 16_384 }).map((length) => Buffer.alloc(length, 'x')) },
      // A text that looks like a record.
      {
        weight: 1,
        arbitrary: fc.constant(localRecord({ stream: 'stderr', seconds: 5, nanos: 5, text: Buffer.from('no') })),
      },
    ),
    piece: fc.record({ isLast: fc.boolean(), ordinal: fc.integer({ min: 1, max: 5_000 }) }),
  },
  { requiredKeys: ['stream', 'seconds', 'nanos', 'text'] },
)

function expectedOf({ stream, seconds, nanos, text, piece }: LocalRecord): ReadRecord {
  const hasLineFeed = piece === undefined || piece.isLast
  const kind = recordKind[stream] | (hasLineFeed ? recordKind.lineFeed : 0)
  return { text: text.toString('latin1'), kind, seconds, nanos }
}

const cutsIn = (bytes: Buffer) =>
  fc.array(fc.integer({ min: 0, max: bytes.length }), { maxLength: 8 }).map((cuts) => cuts.sort((a, b) => a - b))
const cutFile = fc.array(record, { maxLength: 12 }).chain((records) => {
  const bytes = Buffer.concat(records.map(localRecord))
  return fc.tuple(fc.constant(records), fc.constant(bytes), cutsIn(bytes))
})

test('reads what was written, however the file comes', () => {
  fc.assert(
    fc.property(cutFile, ([records, bytes, cuts]) => {
      expect(readAll(scanner, bytes, cuts)).toEqual({ read: records.map(expectedOf), left: 0 })
    }),
    { numRuns: 1_000 },
  )
})

test('leaves a record that is not whole, wherever it is cut', () => {
  const line = { stream: 'stdout', seconds: 1_795_000_000, nanos: 123_456_789, text: Buffer.from('one') } as const
  const bytes = Buffer.concat([
    localRecord(line),
    localRecord({ ...line, stream: 'stderr', text: Buffer.alloc(300, 'y') }),
  ])
  const first = localRecord(line).length
  for (let cut = 0; cut <= bytes.length; cut++) {
    const { read, left } = readAll(scanner, bytes.subarray(0, cut))
    expect([read.length, left]).toEqual(cut < first ? [0, cut] : cut < bytes.length ? [1, cut - first] : [2, 0])
  }
})

test('times are exact to the nanosecond', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 1_000_000_000n, max: 2n ** 62n - 1n }), (time) => {
      const [seconds, nanos] = [Number(time / 1_000_000_000n), Number(time % 1_000_000_000n)]
      const { read } = readAll(scanner, localRecord({ stream: 'stdout', seconds, nanos, text: Buffer.from('x') }))
      expect(formatTimestamp(read[0]!.seconds, read[0]!.nanos)).toBe(formatTimestamp(seconds, nanos))
    }),
    { numRuns: 3_000 },
  )
})

const line = (seconds: number, text = `line ${seconds}`) =>
  localRecord({ stream: 'stdout', seconds, nanos: 1, text: Buffer.from(text) })

const damage: [name: string, bytes: Buffer][] = [
  ['zeros', Buffer.alloc(500)],
  ['nine zeros', Buffer.alloc(9)],
  ['half a record', line(7).subarray(0, 17)],
  ['a record without its beginning', line(7).subarray(10)],
  ['text', Buffer.from('{"log":"a","stream":"stdout"}\n')],
  ['a length that is none', Buffer.from([255, 255, 255, 255, 10, 6, 115, 116, 100, 111, 117, 116])],
  ['lengths that differ', Buffer.concat([line(7).subarray(0, -1), Buffer.from([1])])],
  ['another source', Buffer.from(line(7).toString('latin1').replace('stdout', 'stdlog'), 'latin1')],
  ['no time', Buffer.from([0, 0, 0, 11, 10, 6, 115, 116, 100, 111, 117, 116, 26, 1, 97, 0, 0, 0, 11])],
  ['a text longer than its record', Buffer.from(line(7).toString('latin1').replace('\x1a\x06', '\x1a\x07'), 'latin1')],
]
test.each(damage)('damaged: %s', (_case, bytes) => {
  const { read, left } = readAll(scanner, Buffer.concat([line(1), bytes, line(2)]))
  expect(left).toBe(0)
  expect(read.map(({ text }) => text).filter((text) => text !== '')).toEqual(['line 1', 'line 2'])
  expect(read.filter(({ kind }) => kind === recordKind.damaged)).toHaveLength(1)
})

test('damage does not cost a record behind it, wherever it is and however the file comes', () => {
  const spoiled = cutFile.chain(([records, bytes, cuts]) =>
    fc.tuple(fc.constant(records), fc.constant(bytes), fc.constant(cuts), fc.nat(bytes.length), fc.nat(40)),
  )
  fc.assert(
    fc.property(spoiled, ([records, bytes, cuts, at, length]) => {
      const damaged = Buffer.concat([bytes.subarray(0, at), Buffer.alloc(length), bytes.subarray(at)])
      // As many zeros behind as make sure that what the damage seems to begin ends.
      const rest = Buffer.concat([damaged, Buffer.alloc(140_000), line(1, 'behind')])
      const { read } = readAll(scanner, rest, cuts)
      const whole: ReadRecord[] = []
      let from = 0
      for (const one of records) {
        const to = from + localRecord(one).length
        if (to <= at || from >= at || length === 0) whole.push(expectedOf(one))
        from = to
      }
      const texts = read.filter(({ kind }) => kind !== recordKind.damaged)
      for (const one of whole) expect(texts).toContainEqual(one)
      expect(texts.at(-1)!.text).toBe('behind')
    }),
    { numRuns: 300 },
  )
})

test('reads any bytes without an error, and nothing outside its part of the input', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2_000 }), fc.nat(2_000), fc.nat(2_000), (noise, a, b) => {
      const [from, to] = [Math.min(a, b), Math.max(a, b)]
      for (let at = 0; at < 4_000; at += line(1).length) scanner.input.set(line(1), at)
      scanner.input.set(noise, 500)
      const count = scanner.scan(from, to)
      const { next, start, end } = scanner.records
      let position = from
      for (let row = 0; row < count; row++) {
        expect(next[row]!).toBeGreaterThan(position)
        expect(start[row]!).toBeGreaterThanOrEqual(position)
        expect(end[row]!).toBeLessThanOrEqual(next[row]!)
        position = next[row]!
      }
      expect(position).toBeLessThanOrEqual(to)
    }),
    { numRuns: 1_000 },
  )
})

test('a full table ends a scan, and the next goes on there', () => {
  const one = localRecord({ stream: 'stdout', seconds: 1, nanos: 0, text: Buffer.alloc(0) })
  const bytes = Buffer.concat(Array.from({ length: maxRecords + 1 }, () => one))
  bytes.copy(scanner.input)
  expect(scanner.scan(0, bytes.length)).toBe(maxRecords)
  expect(scanner.scan(scanner.records.next[maxRecords - 1]!, bytes.length)).toBe(1)
})
