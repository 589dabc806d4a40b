import fc from 'fast-check'
import snappy from 'snappyjs'
import { expect, test } from 'vitest'
import { plainBlockEncoder } from './plain-snappy.ts'
import { maxCompressedBytes, SnappyEncoder } from './snappy.ts'
import { WasmPush } from './wasm-push.ts'

const plain = new SnappyEncoder(plainBlockEncoder())
const encoder = new SnappyEncoder(WasmPush.create()!.encodeBlock)

function encoded(by: SnappyEncoder, source: Uint8Array): Buffer {
  const target = Buffer.alloc(maxCompressedBytes(source.length))
  return target.subarray(0, by.encode(source, source.length, target))
}

/** Both encoders make the same of it, which another implementation unpacks. */
function roundTrip(source: Uint8Array): Buffer {
  const bytes = encoded(encoder, source)
  expect(bytes.equals(encoded(plain, source))).toBe(true)
  return Buffer.from(snappy.uncompress(bytes))
}

test('wherever the tests run, WebAssembly has SIMD', () => {
  expect(WasmPush.create()).toBeDefined()
})

test('what another implementation unpacks is what went in', () => {
  const piece = fc.record({ bytes: fc.uint8Array({ maxLength: 90 }), times: fc.integer({ min: 1, max: 400 }) })
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const source = Buffer.concat(pieces.flatMap(({ bytes, times }) => Array.from({ length: times }, () => bytes)))
      expect(roundTrip(source).equals(source)).toBe(true)
    }),
    { numRuns: 300 },
  )
})

const lengths = [0, 1, 4, 15, 16, 60, 61, 255, 256, 257, 65_535, 65_536, 65_537, 200_000]
test.each(lengths)('%i bytes, of one kind and of all', (length) => {
  const equal = Buffer.alloc(length, 97)
  expect(roundTrip(equal).equals(equal)).toBe(true)
  let state = 1
  const varied = Buffer.from(
    Uint8Array.from({ length }, () => (state = Math.imul(state, 1_103_515_245) + 12_345) >>> 24),
  )
  expect(roundTrip(varied).equals(varied)).toBe(true)
})

test('repeats become small', () => {
  const source = Buffer.from('203.0.113.7 - - "GET /api/v1/items HTTP/1.1" 200\n'.repeat(2_000))
  const target = Buffer.alloc(maxCompressedBytes(source.length))
  expect(encoder.encode(source, source.length, target)).toBeLessThan(source.length / 15)
})
