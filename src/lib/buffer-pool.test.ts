import { expect, test } from 'vitest'
import { BufferPool } from './buffer-pool.ts'

test('what was given back is taken again where it is large enough, up to the limit', () => {
  const pool = new BufferPool(600 * 1024)
  const [small, large] = [pool.take(1), pool.take(300 * 1024)]
  expect([small.length, large.length]).toEqual([256 * 1024, 512 * 1024])
  pool.give(large)
  pool.give(small) // Beyond the limit.
  expect(pool.take(257 * 1024)).toBe(large)
  expect(pool.take(1)).not.toBe(small)
  expect(large.byteOffset).toBe(0)
})
