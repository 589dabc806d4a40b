import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, expect, test } from 'vitest'
import { lineFlags } from '../../batch/flags.ts'
import { rowsOf } from '../../batch/row.ts'
import { BatchMaker, type TestLine } from '../../batch/testing.ts'
import { createMetrics } from '../../telemetry/metrics.ts'
import { script } from './script.ts'

const folder = mkdtempSync(join(tmpdir(), 'script-'))
const opened: Partial<Disposable>[] = []
let files = 0
afterEach(() => {
  for (const one of opened.splice(0)) one[Symbol.dispose]?.()
})
afterAll(() => rmSync(folder, { recursive: true }))

function open(body: string, written: object = {}, ending = 'mjs') {
  const metrics = createMetrics()
  const file = join(folder, `${files++}.${ending}`)
  writeFileSync(file, body)
  const transform = script.create(script.options.parse({ file, ...written }), { id: 'shape', metrics })
  opened.push(transform)
  const apply = (lines: readonly TestLine[]) =>
    rowsOf(transform.apply(new BatchMaker().batchOf(lines))).map(({ text, flags, fields }) =>
      (flags & lineFlags.dropped) === 0 ? [text, fields] : 'dropped',
    )
  const failures = async () => (await metrics.scriptFailures.get()).values[0]!.value
  return { apply, failures }
}

test('lines and fields are changed, lines taken out, and what is left alone stays as it was', async () => {
  const { apply, failures } = open(`export default (row) => {
    if (row.text === 'drop') return false
    if (row.text === 'throw') throw new Error('no')
    if (row.text === 'text') row.text = row.container.name + ' ' + row.stream + ' ' + row.labels.team
    if (row.fields.status >= 500) { row.fields.bad = true; row.fields.tags = [1]; delete row.fields.id }
  }`)
  const lines: TestLine[] = [
    { text: 'drop', fields: { a: 1 } },
    { text: 'throw', fields: { status: 500 } },
    { text: 'text', stream: 'stderr', labels: { team: 'shop' } },
    { text: 'fields', fields: { status: 503, id: 'x' } },
    { text: Buffer.from([0xff, 0x61]), fields: { status: 200 } },
    { text: 'gone already', flags: lineFlags.dropped },
  ]
  expect(apply(lines)).toEqual([
    'dropped',
    ['throw', { status: 500 }],
    ['app stderr shop', undefined],
    ['fields', { status: 503, bad: true, tags: [1] }],
    ['\ufffda', { status: 200 }],
    'dropped',
  ])
  expect(await failures()).toBe(1)
})

test('a script may have imports of its own, be asynchronous in vain, and print: nothing of it comes out', () => {
  const { apply } = open(`import { createHash } from 'node:crypto'
  console.log('printed')
  export default (row) => { row.fields.hash = createHash('sha256').update(row.text).digest('hex').slice(0, 8); console.log(row) }`)
  expect(apply([{ text: 'a' }])).toEqual([['a', { hash: 'ca978112' }]])
})

test('TypeScript is run without its types, and so is what it imports', () => {
  writeFileSync(join(folder, 'words.ts'), `export const word = (text: string): string => text.split(' ')[0]!`)
  const body = `import type { Script } from 'log-capturer/script'
  import { word } from './words.ts'
  export default ((row) => { row.text = word(row.text) as string }) satisfies Script`
  expect(open(body, {}, 'ts').apply([{ text: 'a b' }])).toEqual([['a', undefined]])
})

test('what is no TypeScript, or has to be compiled, is refused', () => {
  expect(() => open('const x: = 3\nexport default () => x', {}, 'ts')).toThrow(/cannot run the script/)
  expect(() => open('enum Kind { a }\nexport default () => Kind.a', {}, 'ts')).toThrow(/enum/)
})

test('one that loops for ever is stopped, one that allocates without end, one that ends itself: that line goes on as it was, the others are done', async () => {
  const body = `const kept = []
  export default (row) => {
    if (row.text === 'loop') for (;;);
    if (row.text === 'grow') for (;;) kept.push(new Array(1000).fill(row))
    if (row.text === 'exit') process.exit(1)
    row.text = row.text + '!'
  }`
  const { apply, failures } = open(body, { timeout: '1s', memory: '8MiB' })
  const texts = ['a', 'loop', 'b', 'grow', 'c', 'exit', 'd', 'loop']
  const expected = ['a!', 'loop', 'b!', 'grow', 'c!', 'exit', 'd!', 'loop']
  expect(apply(texts.map((text) => ({ text })))).toEqual(expected.map((text) => [text, undefined]))
  expect(await failures()).toBe(4)
  expect(apply([{ text: 'e' }])).toEqual([['e!', undefined]])
}, 60_000)

test('many lines, slow together, are not taken for one that hangs', () => {
  const { apply } = open(
    'export default (row) => { const end = performance.now() + 25; while (performance.now() < end); row.text += "!" }',
    { timeout: '1s' },
  )
  const lines = Array.from({ length: 60 }, (_, i) => ({ text: `${i}` }))
  expect(apply(lines)).toEqual(lines.map(({ text }) => [`${text}!`, undefined]))
}, 30_000)

test.each([
  ['export const a = 1', /its default export is no function/],
  ['export default (', /Unexpected/],
  ['throw new Error("at once")', /at once/],
])(
  '%s is no script',
  (body, expected) => {
    expect(() => open(body)).toThrow(expected)
  },
  30_000,
)

test('a file that is not there is said', () => {
  const given = script.options.parse({ file: join(folder, 'nowhere.mjs') })
  expect(() => script.create(given, { id: 'shape', metrics: createMetrics() })).toThrow(
    /cannot run the script .*nowhere/,
  )
})
