import { expect, test } from 'vitest'
import type { Batch } from './batch.ts'
import { arenaBytes, BatchBuilder, type BuilderStream } from './builder.ts'
import { rowsOf } from './row.ts'

function streamOf(key: string): BuilderStream {
  const container = { id: key, name: key, image: 'image' }
  const origin = { key, stream: 'stdout' as const, container, labels: {}, host: 'host' }
  return { origin, batchId: 0, localIndex: 0, cursor: () => ({ seconds: 0, nanos: 0, count: 0 }) }
}

function put(builder: BatchBuilder, stream: BuilderStream, text: string): void {
  builder.reserve(text.length)
  const { columns, arena, count } = builder
  columns.origin[count] = builder.indexOf(stream)
  columns.start[count] = arena.used
  arena.used += arena.bytes.write(text, arena.used, 'latin1')
  columns.end[count] = arena.used
  builder.count = count + 1
  if (builder.isFull) builder.seal()
}

const textsOf = (batch: Batch): string[] => rowsOf(batch).map(({ text }) => text)

test('a batch holds what its lines need, and keeps them while the next ones are filled', () => {
  const batches: Batch[] = []
  const builder = new BatchBuilder((batch) => batches.push(batch))
  const stream = streamOf('a')
  for (const text of ['one', 'two', 'three']) {
    put(builder, stream, text)
    put(builder, stream, `${text} more`)
    builder.seal()
  }
  expect(batches.map(textsOf)).toEqual([
    ['one', 'one more'],
    ['two', 'two more'],
    ['three', 'three more'],
  ])
  expect(batches[0]!.heldBytes).toBeLessThan(100)
})

test('lines of any length arrive, however the memory is divided', () => {
  const batches: Batch[] = []
  const builder = new BatchBuilder((batch) => batches.push(batch))
  const stream = streamOf('a')
  const given = Array.from({ length: 30_000 }, (_, i) => `${i} ${'x'.repeat((i * 7919) % 90)}`)
  given.splice(9_000, 0, 'y'.repeat(arenaBytes * 2))
  for (const [i, text] of given.entries()) {
    put(builder, stream, text)
    if (i % 997 === 0) builder.seal()
  }
  builder.seal()
  expect(batches.flatMap(textsOf)).toEqual(given)
})

test('batches that are given back serve the next ones: their memory stays the same', () => {
  const memories = new Set<ArrayBufferLike>()
  const waiting: Batch[] = []
  const builder = new BatchBuilder((batch) => waiting.push(batch))
  const stream = streamOf('a')
  for (let i = 0; i < 200_000; i++) {
    put(builder, stream, `line ${i} ${'x'.repeat(100)}`)
    if (i % 1_000 !== 0) continue
    builder.seal()
    memories.add(builder.arena.bytes.buffer)
    for (const batch of waiting.splice(0)) batch.release()
  }
  expect(memories.size).toBe(2)
})
