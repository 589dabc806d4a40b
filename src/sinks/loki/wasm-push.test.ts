import fc from 'fast-check'
import { expect, test } from 'vitest'
import { lineFlags } from '../../batch/flags.ts'
import { BatchMaker, type TestLine } from '../../batch/testing.ts'
import { LabelSets } from './label-sets.ts'
import { planOf, type Push } from './plan.ts'
import { ProtobufEncoder } from './push-encoder.ts'
import { most } from './push-memory.ts'
import { WasmPush } from './wasm-push.ts'

const wasm = WasmPush.create()!
const plain = new ProtobufEncoder(undefined)

function pushOf(lines: readonly TestLine[], metadata = true, maxPushBytes = 1 << 30) {
  const batch = new BatchMaker().batchOf(lines)
  const sets = new LabelSets({
    ...{ labels: { app: '{container.name}', stream: '{stream}' }, metadata: {}, tenant: undefined },
    ...{ hasMetadata: metadata, maxStreams: 10_000 },
  })
  const pushes = planOf(batch, {
    targetOf: (origin) => sets.targetOf(origin, 0),
    maxPushBytes,
    newestOf: () => undefined,
  })
  return { batch, pushes }
}

/** What both make of it, which is the same. */
function expectSame(push: Push, batch: ReturnType<typeof pushOf>['batch']): void {
  const bytes = wasm.encode(push, batch)
  expect(bytes).toBeDefined()
  expect(Buffer.compare(bytes!, plain.encode(push, batch).bytes)).toBe(0)
}

const piece = fc.record({ bytes: fc.uint8Array({ maxLength: 60 }), times: fc.integer({ min: 1, max: 50 }) })
const line = fc.record({
  text: fc
    .array(piece, { maxLength: 4 })
    .map((pieces) => Buffer.concat(pieces.flatMap(({ bytes, times }) => Array.from({ length: times }, () => bytes)))),
  container: fc.constantFrom('a', 'b', 'ä'.repeat(300)),
  stream: fc.constantFrom('stdout' as const, 'stderr' as const),
  seconds: fc.integer({ min: -10, max: 2 ** 32 - 10 }),
  nanos: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 999_999_999 })),
  ordinal: fc.oneof(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 0, max: 2 ** 32 - 1 })),
  flags: fc.integer({ min: 0, max: 15 }),
})

test('any lines: the same bytes as by the plain way', () => {
  fc.assert(
    fc.property(
      fc.array(line, { minLength: 1, maxLength: 60 }),
      fc.boolean(),
      fc.integer({ min: 200, max: 200_000 }),
      (lines, metadata, maxPushBytes) => {
        const { batch, pushes } = pushOf(lines, metadata, maxPushBytes)
        for (const push of pushes) expectSame(push, batch)
      },
    ),
    { numRuns: 300 },
  )
})

test.each([65_400, 65_536, 131_072, 200_000, 1_000_000])('a line of %i bytes, over several blocks', (length) => {
  const text = Buffer.from(Uint8Array.from({ length }, (_, i) => (i * i) >>> (i % 7)))
  const { batch, pushes } = pushOf([{ text: 'before' }, { text }, { text: 'behind' }])
  for (const push of pushes) expectSame(push, batch)
})

test('what a push has been does not show in the next', () => {
  const large = pushOf(Array.from({ length: 5_000 }, (_, i) => ({ text: `line ${i}`, container: `c${i % 400}` })))
  const small = pushOf([{ text: 'one', flags: lineFlags.gapBefore }])
  for (const { batch, pushes } of [large, small, large, small]) for (const push of pushes) expectSame(push, batch)
})

test('what has no room, or has fields, goes the plain way', () => {
  const fields = pushOf([{ text: 'a', fields: { level: 'info' } }])
  const long = pushOf([{ text: Buffer.alloc(most.textBytes + 1, 97) }])
  const streams = pushOf(Array.from({ length: most.groups + 1 }, (_, i) => ({ text: 'a', container: `c${i}` })))
  const heads = pushOf(Array.from({ length: 800 }, (_, i) => ({ text: 'a', container: `${i}`.repeat(200) })))
  for (const { batch, pushes } of [fields, long, streams, heads]) {
    expect(wasm.encode(pushes[0]!, batch)).toBeUndefined()
    expect(new ProtobufEncoder(wasm).encode(pushes[0]!, batch).bytes).toEqual(plain.encode(pushes[0]!, batch).bytes)
  }
})
