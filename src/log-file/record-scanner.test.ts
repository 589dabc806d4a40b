import { isUtf8 } from 'node:buffer'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatTimestamp, parseTimestamp } from '../lib/timestamp.ts'
import { PlainScanner } from './plain-scanner.ts'
import { maxRecords, recordKind, type RecordScanner } from './records.ts'
import { SimdScanner } from './simd-scanner.ts'
import { dockerRecord, kindOf, readAll, type ReadRecord, type WrittenRecord } from './testing.ts'

// Wherever the tests run WebAssembly has SIMD.
const plain = new PlainScanner()
const simd = SimdScanner.create()!
const scanners: [name: string, scanner: RecordScanner][] = [
  ['plain', plain],
  ['simd', simd],
]

const bytesOf = (text: string): string => Buffer.from(text).toString('latin1')

/** What JSON.parse says of a line without its line feed. */
function expectedOf(line: Buffer): ReadRecord {
  const damaged = { text: '', kind: recordKind.damaged, seconds: 0, nanos: 0 }
  let value: Partial<WrittenRecord> | null
  try {
    value = JSON.parse(line.toString()) as Partial<WrittenRecord> | null
  } catch {
    return damaged
  }
  const { log = '', stream, time } = value ?? {}
  if (typeof log !== 'string' || typeof time !== 'string' || (stream !== 'stdout' && stream !== 'stderr'))
    return damaged
  const parsed = parseTimestamp(time)
  return parsed ? { text: bytesOf(log.replace(/\n$/, '')), kind: kindOf(stream, log), ...parsed } : damaged
}

const linesOf = (file: Buffer): Buffer[] => {
  const lines: Buffer[] = []
  for (let from = 0, to = file.indexOf(10); to >= 0; from = to + 1, to = file.indexOf(10, from))
    lines.push(file.subarray(from, to))
  return lines
}

const seconds = fc.oneof(
  fc.integer({ min: 1_795_000_000, max: 1_795_000_003 }),
  fc.integer({ min: 0, max: 4_102_444_800 }),
)
const nanos = fc.oneof(
  fc.integer({ min: 0, max: 999_999_999 }),
  fc.integer({ min: 0, max: 999 }).map((n) => n * 1_000_000),
)
const cutZeros = fc.tuple(seconds, nanos).map(([s, n]) => formatTimestamp(s, n).replace(/0+Z$/, 'Z').replace('.Z', 'Z'))
const offset = fc.constantFrom('+02:00', '-09:30', '+00:00', '+14:00')
const anyTime = fc.oneof(
  { weight: 6, arbitrary: cutZeros },
  fc.tuple(cutZeros, offset).map(([t, o]) => t.replace('Z', o)),
)
const piece = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom(
    '"',
    '\\',
    '\\n',
    '\\u0041',
    '<a href="x">&amp;</a>',
    '\u2028',
    '\ud83d\ude00',
    '\ufffd',
    '\0',
    '\x7f',
  ),
  fc.integer({ min: 0, max: 300 }).map((n) => 'x'.repeat(n)),
)
const log = fc
  .tuple(fc.array(piece, { maxLength: 6 }), fc.boolean())
  .map(([pieces, isWhole]) => `${pieces.join('')}${isWhole ? '\n' : ''}`)
const attrs = fc.option(fc.dictionary(fc.string({ maxLength: 8 }), fc.string({ maxLength: 20 }), { maxKeys: 3 }), {
  nil: undefined,
})
const written = fc
  .record({ log, stream: fc.constantFrom('stdout' as const, 'stderr' as const), time: anyTime, attrs })
  .map(({ attrs: labels, ...rest }): WrittenRecord => (labels ? { ...rest, attrs: labels } : rest))

/** The same record as others may write it. */
const otherForms = ({ log: text, stream, time, attrs: labels }: WrittenRecord) =>
  fc.constantFrom(
    JSON.stringify({ log: text, stream, time }),
    JSON.stringify({ time, log: text, stream, ...labels, log2: [{}, '}"\\'] }),
    JSON.stringify({ stream, time, log: text }, null, '\t').replaceAll('\n', '\r'),
    ` {"log" : ${JSON.stringify(text)} ,"stream" : "${stream}", "time": "${time}" } `,
    `{"stream":"x","log":${JSON.stringify(text)},"time":"${time}","stream":"${stream}"}`,
    text === '' ? `{"stream":"${stream}","time":"${time}"}` : JSON.stringify({ log: text, stream, time }),
  )
const line = written.chain((record) =>
  fc.oneof(
    { weight: 4, arbitrary: fc.constant(dockerRecord(record)) },
    { weight: 1, arbitrary: otherForms(record).map((text) => `${text}\n`) },
  ),
)
const file = fc.array(line, { maxLength: 12 }).map((lines) => Buffer.from(lines.join('')))
const cutsIn = (bytes: Buffer) =>
  fc.array(fc.integer({ min: 0, max: bytes.length }), { maxLength: 8 }).map((cuts) => cuts.sort((a, b) => a - b))
const cutFile = file.chain((bytes) => fc.tuple(fc.constant(bytes), cutsIn(bytes)))

const change = fc.record({
  at: fc.nat(),
  remove: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 60 })),
  put: fc.oneof(
    fc.uint8Array({ maxLength: 4 }),
    fc
      .constantFrom('\0'.repeat(40), '"', '\\', '\\u12', '{', '}', '{"log":"def', '\x1f', '\n', '\n\n')
      .map((text) => Buffer.from(text)),
  ),
})
const damagedFile = fc
  .tuple(cutFile, fc.array(change, { minLength: 1, maxLength: 5 }))
  .map(([[bytes, cuts], changes]) => {
    let damaged: Buffer = bytes
    for (const { at, remove, put } of changes) {
      const from = at % (damaged.length + 1)
      damaged = Buffer.concat([damaged.subarray(0, from), put, damaged.subarray(from + remove)])
    }
    return { damaged, cuts: cuts.filter((cut) => cut <= damaged.length) }
  })

const time = '"time":"2026-11-23T12:48:58.320504526Z"}'

describe.each(scanners)('the %s scanner', (_name, scanner) => {
  test('reads what JSON.parse reads, however the file comes', () => {
    fc.assert(
      fc.property(cutFile, ([bytes, cuts]) => {
        expect(readAll(scanner, bytes, cuts)).toEqual({ read: linesOf(bytes).map(expectedOf), left: 0 })
      }),
      { numRuns: 1_000 },
    )
  })

  test('reads the shortest record there can be', () => {
    const shortest = Buffer.from('{"stream":"stdout","time":"2026-11-23T12:48:58Z"}\n')
    expect(readAll(scanner, shortest).read.map(({ kind }) => kind)).toEqual([recordKind.stdout])
  })

  test('leaves a record that is not whole, wherever it is cut', () => {
    const first = dockerRecord({ log: 'a\n', stream: 'stdout', time: '2026-11-23T12:48:58Z' })
    const second = dockerRecord({
      log: '\t"<b>"\n',
      stream: 'stderr',
      time: '2026-11-23T12:48:58.5Z',
      attrs: { a: 'b' },
    })
    const bytes = Buffer.from(first + second)
    const whole = readAll(scanner, bytes)
    for (let cut = 0; cut <= bytes.length; cut++) {
      expect(readAll(scanner, bytes, [cut])).toEqual(whole)
      const { read, left } = readAll(scanner, bytes.subarray(0, cut))
      expect([read.length, left]).toEqual(
        cut < first.length ? [0, cut] : cut < bytes.length ? [1, cut - first.length] : [2, 0],
      )
    }
  })

  test('says of damaged lines what JSON.parse says, and goes on behind them', () => {
    fc.assert(
      fc.property(damagedFile, ({ damaged, cuts }) => {
        const lines = linesOf(damaged)
        const { read, left } = readAll(scanner, damaged, cuts)
        expect(read).toHaveLength(lines.length)
        expect(left).toBe(damaged.length - lines.reduce((sum, one) => sum + one.length + 1, 0))
        // What is no UTF-8 is passed on as it is where the form is Docker's, and no record otherwise.
        for (const [i, one] of lines.entries()) if (isUtf8(one)) expect(read[i]).toEqual(expectedOf(one))
      }),
      { numRuns: 2_000 },
    )
  })

  test('reads any bytes without an error, and nothing outside its part of the input', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), fc.nat(2_000), fc.nat(2_000), (noise, a, b) => {
        const [from, to] = [Math.min(a, b), Math.max(a, b)]
        const record = Buffer.from(
          dockerRecord({ log: 'x'.repeat(noise.length % 90), stream: 'stdout', time: '2026-11-23T12:48:58Z' }),
        )
        for (let at = 0; at < 4_000; at += record.length) scanner.input.set(record, at)
        scanner.input.set(
          noise.map((byte) => (byte % 16 === 0 ? 10 : byte)),
          500,
        )
        const count = scanner.scan(from, to)
        const part = Buffer.from(scanner.input.subarray(from, to))
        expect(count).toBe(linesOf(part).length)
        if (count > 0) expect(scanner.records.next[count - 1]).toBe(from + part.lastIndexOf(10) + 1)
      }),
      { numRuns: 1_000 },
    )
  })

  const damagedLines: [name: string, text: string][] = [
    ['an empty line', ''],
    ['half a record', '{"log":"abc'],
    ['half a record before a whole one', `{"log":"abc{"log":"def\\n","stream":"stdout",${time}`],
    ['zeros', '\0'.repeat(500)],
    ['zeros within a text', `{"log":"abc\0\0\0def\\n","stream":"stdout",${time}`],
    ['zeros before a record', `\0\0\0\0{"log":"def\\n","stream":"stdout",${time}`],
    ['no stream', `{"log":"a\\n",${time}`],
    ['a stream that does not exist', `{"log":"a\\n","stream":"stdlog",${time}`],
    ['no time', '{"log":"a\\n","stream":"stdout"}                         '],
    ['a time that does not exist', '{"log":"a\\n","stream":"stdout","time":"2026-13-23T12:48:58Z"}'],
    ['a time that is a number', '{"log":"a\\n","stream":"stdout","time":1795439623615935390}'],
    ['a text that is a number', `{"log":1,"stream":"stdout",${time}`],
    ['an escape that does not exist', `{"log":"\\x41\\n","stream":"stdout",${time}`],
    ['an escape with letters', `{"log":"\\u00g1\\n","stream":"stdout",${time}`],
    ['no object', `["log","stdout","2026-11-23T12:48:58.320504526Z", 12345678901234567890]`],
    ['null', `${' '.repeat(60)}null`],
    ['a second object behind', `{"log":"a\\n","stream":"stdout",${time}{}`],
    ['arrays as deep as the input', '['.repeat(100_000)],
  ]
  test.each(damagedLines)('damaged: %s', (_case, text) => {
    const good = dockerRecord({ log: 'good\n', stream: 'stdout', time: '2026-11-23T12:48:58Z' })
    const { read } = readAll(scanner, Buffer.from(`${good}${text}\n${good}`))
    expect(read.map(({ kind, text: { length } }) => [kind, length])).toEqual([
      [5, 4],
      [8, 0],
      [5, 4],
    ])
  })

  const texts: [name: string, json: string, text: string][] = [
    ['every escape', '\\"\\\\\\/\\b\\f\\n\\r\\t', '"\\/\b\f\n\r\t'],
    ['what Go escapes', '\\u003c\\u003e\\u0026\\u2028\\u0000\\u001b', '<>&\u2028\0\x1b'],
    ['two bytes, three, four', '\\u00e4\\u20AC\\uD83D\\ude00', 'ä€😀'],
    ['surrogates that are alone', '\\ud83dx\\ude00\\ud83d\\ud83d\\ude00\\ud83d\\u0041', '\ufffdx\ufffd\ufffd😀\ufffdA'],
    ['a surrogate at the end', '\\ud83d', '\ufffd'],
    ['a backslash before the end', 'a\\\\', 'a\\'],
    ['a backslash and an n', 'a\\\\n', 'a\\n'],
  ]
  test.each(texts)('text: %s', (_case, json, text) => {
    const record = `{"log":"${json}","stream":"stderr",${time}\n`
    expect(readAll(scanner, Buffer.from(record)).read).toEqual([
      { text: bytesOf(text), kind: recordKind.stderr, seconds: 1_795_438_138, nanos: 320_504_526 },
    ])
  })

  test('bytes that are no UTF-8 are passed on', () => {
    const record = Buffer.from(`{"log":"\xff\xfe\\n","stream":"stdout",${time}\n`, 'latin1')
    expect(readAll(scanner, record).read[0]!.text).toBe('\xff\xfe')
  })

  test('a full table ends a scan, and the next goes on there', () => {
    const bytes = Buffer.from('\n'.repeat(maxRecords + 1))
    bytes.copy(scanner.input)
    expect(scanner.scan(0, bytes.length)).toBe(maxRecords)
    expect(scanner.records.next[maxRecords - 1]).toBe(maxRecords)
    expect(scanner.scan(maxRecords, bytes.length)).toBe(1)
  })

  test('an input that is full to the brim', () => {
    const { input } = scanner
    const head = '{"log":"'
    const tail = `\\n","stream":"stdout",${time}\n`
    const text = 'é'.repeat(10) + '\\u0041'.repeat(1_000)
    const room = input.length - Buffer.byteLength(head + text + tail)
    input.write(`${head}${text}${'x'.repeat(room)}${tail}`)
    expect(scanner.scan(0, input.length)).toBe(1)
    expect(scanner.records.next[0]).toBe(input.length)
    expect(scanner.outputBytes).toBe(20 + 1_000 + room)
    expect(scanner.output.toString('utf8', 0, scanner.outputBytes)).toBe(
      `${'é'.repeat(10)}${'A'.repeat(1_000)}${'x'.repeat(room)}`,
    )
  })

  test('texts lie close together', () => {
    const bytes = ['one\n', 'two', '<three>\n'].map((text) =>
      dockerRecord({ log: text, stream: 'stdout', time: '2026-11-23T12:48:58Z' }),
    )
    readAll(scanner, Buffer.from(bytes.slice(0, 1).join('')))
    const whole = Buffer.from(bytes.join(''))
    whole.copy(scanner.input)
    expect(scanner.scan(0, whole.length)).toBe(3)
    expect(scanner.output.toString('utf8', 0, scanner.outputBytes)).toBe('onetwo<three>')
    expect([...scanner.records.start.subarray(0, 3)]).toEqual([0, 3, 6])
    expect([...scanner.records.end.subarray(0, 3)]).toEqual([3, 6, 13])
  })
})

describe('both scanners', () => {
  test('say the same of any bytes', () => {
    fc.assert(
      fc.property(damagedFile, ({ damaged, cuts }) => {
        expect(readAll(simd, damaged, cuts)).toEqual(readAll(plain, damaged, cuts))
      }),
      { numRuns: 1_000 },
    )
  })

  // The noise is made of what records are made of, so that much of it nearly is one.
  const token = fc.constantFrom(
    ...[
      '{"log":"',
      '","stream":"stdout"',
      '","stream":"stderr"',
      ',"time":"',
      '2026-11-23T12:48:58',
      '.5',
      '.123456789',
    ],
    ...[
      'Z"}\n',
      ',"attrs":{',
      '"a":"b"',
      '}',
      '\\',
      '"',
      '\\\\',
      '\\"',
      '\\n',
      '\\u00',
      '\\ud83d',
      '\\ude00',
      'x',
      '\n',
      '\0',
      '\xff',
    ],
    ...['abcdefghijklmnop', '0', '9', '2026-02-31T23:59:60', '1969-12-31T23:59:59', '2000-02-29T00:00:00'],
  )
  test('say the same of pieces of records', () => {
    const noise = fc.array(token, { maxLength: 60 }).map((tokens) => Buffer.from(`${tokens.join('')}\n`, 'latin1'))
    fc.assert(
      fc.property(noise, (bytes) => {
        expect(readAll(simd, bytes)).toEqual(readAll(plain, bytes))
      }),
      { numRuns: 3_000 },
    )
  })

  test('agree on escapes at every distance from the beginning of 16 bytes', () => {
    for (const escape of ['\\"', '\\\\', '\\n', '\\u0041', '\\ud83d\\ude00', '\\x', '\\'])
      for (let before = 0; before < 40; before++)
        for (const times of [1, 2, 3, 17]) {
          const text = `${'x'.repeat(before)}${escape.repeat(times)}`
          const bytes = Buffer.from(
            `{"log":"${text}y\\n","stream":"stdout",${time}\n{"log":"${text}","stream":"stdout",${time}\n`,
          )
          expect(readAll(simd, bytes)).toEqual(readAll(plain, bytes))
        }
  })

  test('days are counted alike', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 253_402_300_799 }), (second) => {
        const stamp = formatTimestamp(second, 0).replace('.000000000Z', 'Z')
        const bytes = Buffer.from(dockerRecord({ log: 'x\n', stream: 'stdout', time: stamp }))
        expect(readAll(simd, bytes).read).toEqual([{ text: 'x', kind: 5, seconds: second, nanos: 0 }])
        expect(readAll(plain, bytes)).toEqual(readAll(simd, bytes))
      }),
      { numRuns: 500 },
    )
  })
})
