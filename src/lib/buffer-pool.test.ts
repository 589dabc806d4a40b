import { expect, test } from 'vitest'
import { BufferPool } from './buffer-pool.ts'

const kibibyte = 1024

test('what was given back is taken again where it is of the size', () => {
  const pool = new BufferPool()
  const [small, large] = [pool.take(20 * kibibyte), pool.take(33 * kibibyte)]
  expect([small.length, large.length]).toEqual([24 * kibibyte, 48 * kibibyte])
  pool.give(large)
  pool.give(small)
  expect(pool.take(48 * kibibyte)).toBe(large)
  expect(pool.take(17 * kibibyte)).toBe(small)
  expect(pool.take(17 * kibibyte)).not.toBe(small)
  expect(large.byteOffset).toBe(0)
})

test('small ones are made to measure, and not kept', () => {
  const pool = new BufferPool()
  const buffer = pool.take(10)
  expect(buffer.length).toBe(10)
  pool.give(buffer)
  expect(pool.take(10)).not.toBe(buffer)
})

test('as many are kept as were in use at a time', () => {
  const pool = new BufferPool()
  const all = Array.from({ length: 20 }, () => pool.take(kibibyte * kibibyte))
  for (const buffer of all) pool.give(buffer)
  expect(new Set(Array.from({ length: 20 }, () => pool.take(kibibyte * kibibyte)))).toEqual(new Set(all))
})

test('what lies unused through a whole window is let go', () => {
  let nowMs = 0
  const pool = new BufferPool(() => nowMs)
  const takeAndGive = (count: number): Buffer[] => {
    const all = Array.from({ length: count }, () => pool.take(kibibyte * kibibyte))
    for (const buffer of all) pool.give(buffer)
    return all
  }
  const many = new Set(takeAndGive(4))
  for (const windowAtMs of [60_000, 120_000]) {
    nowMs = windowAtMs
    takeAndGive(1)
  }
  expect(takeAndGive(4).filter((buffer) => many.has(buffer))).toHaveLength(1)
})
