import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createMetrics } from '../../telemetry/metrics.ts'
import { type Exposition, parseExposition, sumOf, sumsBy } from './parse.ts'

const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31))
console.info(`exposition format: SEED=${seed}`) // oxlint-disable-line no-console

const read = (text: string) => parseExposition({ text, name: 'page' })

const name = fc.stringMatching(/^[a-zA-Z_:][a-zA-Z0-9_:]{0,8}$/)
const labelName = fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_]{0,8}$/)
const anyText = fc.string({ unit: 'binary', maxLength: 12 })
const value = fc.double()
const blanks = fc.constantFrom('', ' ', '\t', '  ')

interface Line {
  readonly name: string
  readonly labels: readonly (readonly [string, string])[]
  readonly value: number
  readonly timestamp: number | undefined
}
const line: fc.Arbitrary<Line> = fc.record({
  name: fc.oneof(name, anyText),
  labels: fc.uniqueArray(fc.tuple(fc.oneof(labelName, anyText), anyText), { maxLength: 4, selector: ([key]) => key }),
  value,
  timestamp: fc.option(fc.integer(), { nil: undefined }),
})
const page = fc.uniqueArray(line, {
  maxLength: 10,
  selector: (one) => JSON.stringify([one.name, [...one.labels].sort()]),
})

const quoted = (text: string) => `"${text.replace(/[\\"\n]/g, (c) => (c === '\n' ? '\\n' : `\\${c}`))}"`
const plain = (text: string, pattern: RegExp) => (pattern.test(text) ? text : quoted(text))
const numberText = (number: number) => {
  if (Number.isNaN(number)) return 'NaN'
  if (number === Infinity) return '+Inf'
  return number === -Infinity ? '-Inf' : Object.is(number, -0) ? '-0' : String(number)
}

function lineText(line: Line, gap: string): string {
  const isPlain = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(line.name)
  const labels = line.labels.map(([key, text]) => `${plain(key, /^[a-zA-Z_]\w*$/)}${gap}=${gap}${quoted(text)}`)
  const inBraces = isPlain ? labels : [quoted(line.name), ...labels]
  const braces = inBraces.length > 0 ? `{${gap}${inBraces.join(`${gap},${gap}`)}${gap}}` : ''
  const stamp = line.timestamp === undefined ? '' : ` ${line.timestamp}`
  return `${isPlain ? line.name : ''}${isPlain ? gap : ''}${braces} ${numberText(line.value)}${stamp}`
}

describe('any page', () => {
  test('written and read is what it was', () => {
    const isKept = fc.property(page, blanks, (lines, gap) => {
      const found = read(lines.map((one) => `${lineText(one, gap)}\n`).join(''))
      const flat = [...found].flatMap(([key, samples]) => samples.map((sample) => ({ name: key, ...sample })))
      const order = (one: { readonly name: string; readonly labels: Iterable<readonly [string, string]> }) =>
        JSON.stringify([one.name, [...one.labels].sort()])
      const sorted = (all: readonly Line[]) => all.toSorted((a, b) => (order(a) < order(b) ? -1 : 1))
      expect(sorted(flat.map((one) => ({ ...one, labels: [...one.labels] })))).toEqual(
        sorted(lines.map((one) => ({ ...one }))),
      )
    })
    fc.assert(isKept, { seed, numRuns: 500 })
  })

  test('is read, or refused with its place: nothing else', () => {
    const noise = fc.string({
      unit: fc.constantFrom(...Array.from('ab_:{}",=\\ \t\n#1.+-eNaIf\u{1f40b}')),
      maxLength: 60,
    })
    const isClear = fc.property(noise, (text) => {
      try {
        read(text)
      } catch (error) {
        expect(error).toMatchObject({
          name: 'ExpositionError',
          message: expect.stringMatching(/^page:\d+:\d+: ./) as string,
        })
      }
    })
    fc.assert(isClear, { seed, numRuns: 2_000 })
  })

  test('cut in the middle of a sample is refused', () => {
    const isRefused = fc.property(line, fc.nat(), (one, place) => {
      const text = lineText(one, '')
      expect(() => read(text.slice(0, 1 + (place % text.length)))).toThrow()
    })
    fc.assert(isRefused, { seed, numRuns: 500 })
  })
})

const flat = (found: Exposition) =>
  [...found].flatMap(([key, samples]) =>
    samples.map(({ labels, value, timestamp }) => [
      key,
      Object.fromEntries(labels),
      value,
      ...(timestamp === undefined ? [] : [timestamp]),
    ]),
  )

describe('odd pages', () => {
  test.each([
    ['nothing', '', []],
    ['blank lines and comments', '\n  \n# anything\n#\n# TYPE\n\t# HELP a\n', []],
    ['a last comment without line feed', 'a 1\n# EOF', [['a', {}, 1]]],
    [
      'CR LF',
      'a 1\r\nb{} 2\r\n',
      [
        ['a', {}, 1],
        ['b', {}, 2],
      ],
    ],
    ['blanks everywhere', '  a  { b = "c" , d = "e" , }   1   5 \n', [['a', { b: 'c', d: 'e' }, 1, 5]]],
    ['no blank before a number', 'a{b="c"}1\n', [['a', { b: 'c' }, 1]]],
    [
      'numbers',
      'a 1e3\nb -.5\nc 1.\nd +Inf\ne -inf\n',
      [
        ['a', {}, 1000],
        ['b', {}, -0.5],
        ['c', {}, 1],
        ['d', {}, Infinity],
        ['e', {}, -Infinity],
      ],
    ],
    ['no number', 'a Nan\n', [['a', {}, NaN]]],
    ['escapes', 'a{b="\\\\n\\n\\"\\x"} 1\n', [['a', { b: '\\n\n"\\x' }, 1]]],
    ['braces and signs within a value', 'a{b="} 1 # {,="} 2\n', [['a', { b: '} 1 # {,=' }, 2]]],
    ['quoted names', '{"a.ä b","c.d"="e",f="g"} 1\n', [['a.ä b', { 'c.d': 'e', f: 'g' }, 1]]],
    [
      'an exemplar',
      'a_bucket{le="1"} 7 123.5 # {trace_id="x # y"} 0.67 1.5\nb 1 # {} 2\n',
      [
        ['a_bucket', { le: '1' }, 7, 123.5],
        ['b', {}, 1],
      ],
    ],
    ['a comment after a number', 'a 1# {x="y"} 2\n', [['a', {}, 1]]],
    [
      'several points: the latest',
      'a{b="c",d="e"} 1 5\na{d="e",b="c"} 2 7\na{b="c",d="e"} 3 6\n',
      [['a', { d: 'e', b: 'c' }, 2, 7]],
    ],
  ] as const)('%s', (_, text, samples) => {
    expect(flat(read(text))).toEqual(samples)
  })

  test.each([
    ['a 1', 'page:1:1: the page is cut: its last line has no line feed'],
    ['a 1\n1b 2\n', 'page:2:1: no name of a metric begins here'],
    ['a\n', 'page:1:2: the value is missing'],
    ['a 1_000\n', 'page:1:3: the value "1_000" is no number'],
    ['a 1 now\n', 'page:1:5: the timestamp "now" is no number'],
    ['a 1 2 3\n', 'page:1:7: something follows the sample'],
    ['a{b="c} 1\n', 'page:1:5: the quote that begins here is not closed'],
    ['a{b=c} 1\n', 'page:1:5: the value of a label begins with a quote'],
    ['a{b} 1\n', 'page:1:4: "=" is missing after the label "b"'],
    ['a{b="c" d="e"} 1\n', 'page:1:9: "," or "}" is missing after a label'],
    ['a{b="c"\n', 'page:1:8: "," or "}" is missing after a label'],
    ['a{b="c",b="d"} 1\n', 'page:1:10: the label "b" stands here a second time'],
    ['{b="c"} 1\n', 'page:1:8: the labels have no name of a metric'],
    ['a{b="c"} 1\na{b="c"} 1\n', 'page:2:11: the series "a" stands here a second time with the same labels'],
    ['<html>\n', 'page:1:1: no name of a metric begins here'],
  ])('%j is refused', (text, message) => {
    expect(() => read(text)).toThrow(
      expect.objectContaining({ message, code: 'LAB_METRICS', hint: expect.any(String) as string }),
    )
  })

  test('OpenMetrics without its end is cut', () => {
    const text = '# TYPE a counter\na_total 1\n'
    expect(() => parseExposition({ text, name: 'page', isOpenMetrics: true })).toThrow('page:3:1: the page is cut')
    expect(flat(parseExposition({ text: `${text}# EOF\n`, name: 'page', isOpenMetrics: true }))).toHaveLength(1)
  })
})

describe('sums', () => {
  const found = read('a{b="1",c="x"} 1\na{b="1",c="y"} 2\na{b="2",c="x"} 4\na 8\nn NaN\nn{a="b"} 1\n')
  test('over all series, or over those with the labels', () => {
    expect(sumOf(found, 'a')).toBe(15)
    expect(sumOf(found, 'a', { b: '1' })).toBe(3)
    expect(sumOf(found, 'a', { b: '1', c: 'y' })).toBe(2)
    expect(sumOf(found, 'n')).toBeNaN()
  })
  test('what is not there is no zero', () => {
    expect(sumOf(found, 'z')).toBeUndefined()
    expect(sumOf(found, 'a', { b: '3' })).toBeUndefined()
    expect(sumsBy(found, 'z', 'b')).toEqual(new Map())
  })
  test('by a label', () => {
    expect(sumsBy(found, 'a', 'b')).toEqual(
      new Map([
        ['1', 3],
        ['2', 4],
        ['', 8],
      ]),
    )
  })
})

test('what the collector shows is read, in both formats', async () => {
  const metrics = createMetrics()
  metrics.logsCollected.inc({ source: 'one' }, 5)
  metrics.logsCollected.inc({ source: 'a "quoted"\nname\\' }, 2)
  metrics.descriptors.set({ kind: 'socket' }, 7)
  metrics.sinkRequestSeconds.observe({ sink: 'loki' }, 0.01)
  const found = read(await metrics.registry.metrics())
  expect(sumOf(found, 'log_capturer_logs_collected_total')).toBe(7)
  expect(sumsBy(found, 'log_capturer_logs_collected_total', 'source')).toEqual(
    new Map([
      ['one', 5],
      ['a "quoted"\nname\\', 2],
    ]),
  )
  expect(sumOf(found, 'log_capturer_process_descriptors', { kind: 'socket' })).toBe(7)
  expect(sumsBy(found, 'log_capturer_sink_request_seconds_bucket', 'le').get('0.02')).toBe(1)
  metrics.registry.setContentType('application/openmetrics-text; version=1.0.0; charset=utf-8' as never)
  const text = await metrics.registry.metrics()
  expect(flat(parseExposition({ text, name: 'page', isOpenMetrics: true }))).toEqual(flat(found))
})
