import { expect, test } from 'vitest'
import { BufferPool } from './buffer-pool.ts'
import { Chunks } from './chunks.ts'

const chunkBytes = 64 * 1024

test('pieces do not overlap, and begin where numbers may', () => {
  const chunks = new Chunks(new BufferPool(), chunkBytes)
  const pieces = Array.from({ length: 100 }, (_, i) => chunks.take(1_000 + i))
  for (const [i, { bytes }] of pieces.entries()) bytes.fill(i)
  for (const [i, { bytes }] of pieces.entries()) {
    expect(bytes.length).toBe(1_000 + i)
    expect(bytes.byteOffset % 8).toBe(0)
    expect(bytes.every((byte) => byte === i)).toBe(true)
  }
})

test('a chunk whose pieces are given back serves again; one of which a piece is held does not', () => {
  const chunks = new Chunks(new BufferPool(), chunkBytes)
  const [one, two] = [chunks.take(40_000), chunks.take(20_000)]
  expect(two.bytes.buffer).toBe(one.bytes.buffer)
  one.release()
  const next = chunks.take(10_000)
  expect(next.bytes.buffer).not.toBe(two.bytes.buffer)
  two.release()
  next.release()
  const memories = new Set([chunks.take(60_000), chunks.take(60_000)].map(({ bytes }) => bytes.buffer))
  expect(memories).toEqual(new Set([one.bytes.buffer, next.bytes.buffer]))
})

test('a piece larger than a chunk is one by itself', () => {
  const chunks = new Chunks(new BufferPool(), chunkBytes)
  expect(chunks.take(chunkBytes * 3).bytes.length).toBe(chunkBytes * 3)
})
