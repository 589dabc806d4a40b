import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { loadWasm } from '../../lib/load-wasm.ts'
import { Output } from '../../lib/output.ts'
import type { Batch } from '../batch.ts'
import type { Origin } from '../origin.ts'
import { BatchMaker, type TestLine } from '../testing.ts'
import { PlainRecords } from './plain-records.ts'
import type { RecordForm, Records } from './record-form.ts'
import { type JsonExports, WasmRecords } from './wasm-records.ts'

function formOf(time: RecordForm['time'], tailBytes = 0): RecordForm {
  const tails = new Map<string, Buffer>()
  return {
    before: time === 'rfc3339' ? '{"timestamp":"' : '["',
    time,
    between: '","text":"',
    secondsOf: ({ columns }, i) => columns.seconds[i]!,
    nanosOf: ({ columns }, i) => columns.nanos[i]!,
    tailOf: (origin: Origin, flags: number) => {
      const key = `${origin.key} ${flags}`
      const made = tails.get(key) ?? Buffer.from(`","of":"${key}${'x'.repeat(tailBytes)}"}\n`)
      tails.set(key, made)
      return made
    },
  }
}

interface Written {
  readonly text: string
  readonly ends: readonly number[]
}

function written(records: Records, batch: Batch, portions: readonly (readonly number[])[]): Written {
  const output = new Output(1)
  const ends: number[] = []
  records.begin(batch)
  for (const lines of portions) {
    const endsOfLines = new Uint32Array(lines.length)
    records.write(lines, output, endsOfLines)
    ends.push(...endsOfLines)
  }
  records.end()
  return { text: output.bytes.toString('latin1', 0, output.length), ends }
}

// Wherever the tests run WebAssembly has SIMD.
const wasmOf = (form: RecordForm) => new WasmRecords(loadWasm('json') as JsonExports, form)
const writers = (['rfc3339', 'nanoseconds'] as const).map((time) => ({
  time,
  plain: new PlainRecords(formOf(time)),
  wasm: wasmOf(formOf(time)),
}))
const all = (batch: Batch) => Array.from({ length: batch.count }, (_, i) => i)

function expectSame(lines: readonly TestLine[], portionsOf = (batch: Batch) => [all(batch)]): void {
  const batch = new BatchMaker().batchOf(lines)
  for (const { plain, wasm } of writers) {
    const portions = portionsOf(batch)
    const expected = written(plain, batch, portions)
    const got = written(wasm, batch, portions)
    expect(got.ends).toEqual(expected.ends)
    expect(got.text === expected.text).toBe(true)
  }
}

const piece = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }).map((text) => Buffer.from(text)),
  fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
  fc.constantFrom('"', '\\', '\0', '\x1f', '\x7f', 'ä', '€', '😀', '\ud7ff', '\ue000').map((text) => Buffer.from(text)),
  fc.integer({ min: 0, max: 70 }).map((length) => Buffer.from('plain text '.repeat(7).slice(0, length))),
  // What UTF-8 forbids: too long, half of a pair, beyond the last character, cut off.
  fc
    .constantFrom('c080', 'e08080', 'eda080', 'f0808080', 'f4908080', 'f5808080', 'c3', 'e282', 'f09f98', '80')
    .map((hex) => Buffer.from(hex, 'hex')),
)
const line = fc.record({
  text: fc.array(piece, { maxLength: 6 }).map((pieces) => Buffer.concat(pieces)),
  container: fc.constantFrom('a', 'b', 'c'),
  stream: fc.constantFrom('stdout' as const, 'stderr' as const),
  seconds: fc.oneof(
    fc.integer({ min: 0, max: 253_402_300_799 }),
    fc.integer({ min: 1_795_000_000, max: 1_795_000_002 }),
  ),
  nanos: fc.integer({ min: 0, max: 999_999_999 }),
  flags: fc.constantFrom(0, 1, 5),
})

describe('records by WebAssembly are those by JavaScript', () => {
  test('of any lines', () => {
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 30 }), (lines) => expectSame(lines)),
      { numRuns: 1_000 },
    )
  })

  test('in any order, in several portions', () => {
    const scene = fc.array(line, { minLength: 1, maxLength: 20 }).chain((lines) => {
      const numbers = lines.map((_, i) => i)
      return fc.tuple(fc.constant(lines), fc.array(fc.shuffledSubarray(numbers), { maxLength: 4 }))
    })
    fc.assert(fc.property(scene, ([lines, portions]) => expectSame(lines, () => portions)))
  })

  test.each([
    ['a line that is longer than the memory', [{ text: 'a' }, { text: 'x"'.repeat(700_000) }, { text: 'b' }]],
    ['a line that only its escapes make too long', [{ text: 'a' }, { text: '\0'.repeat(100_000) }, { text: 'b' }]],
    ['more text than the memory holds', Array.from({ length: 30 }, (_, i) => ({ text: `${i}`.repeat(50_000) }))],
    ['more lines than there are rows', Array.from({ length: 5_000 }, (_, i) => ({ text: `line ${i}` }))],
    ['empty lines', Array.from({ length: 10 }, () => ({ text: '' }))],
  ])('%s', (_, lines) => {
    expectSame(lines)
    expectSame(lines, (batch) => [all(batch).reverse()])
  })

  test('of more streams than there is room for tails', () => {
    const lines = Array.from({ length: 600 }, (_, i) => ({ text: `line ${i}`, container: `c${i % 200}` }))
    const batch = new BatchMaker().batchOf(lines)
    const portions = [all(batch), all(batch)]
    for (const tailBytes of [2_000, 200_000]) {
      const form = formOf('rfc3339', tailBytes)
      const expected = written(new PlainRecords(form), batch, portions)
      const got = written(wasmOf(form), batch, portions)
      expect(got.ends).toEqual(expected.ends)
      expect(got.text === expected.text).toBe(true)
    }
  })
})
