import { expect, test } from 'vitest'
import { RateLimit } from './rate-limit.ts'

test('a burst, then so many a second, for each address', () => {
  let nowMs = 0
  const limit = new RateLimit({ perSecond: 2, burst: 4 }, () => nowMs)
  const takeAll = (address: string) => {
    let taken = 0
    for (; limit.waitSeconds(address) === 0; taken++) limit.take(address)
    return taken
  }
  expect([takeAll('a'), takeAll('a'), takeAll('b')]).toEqual([4, 0, 4])
  expect(limit.waitSeconds('a')).toBe(1)
  nowMs = 1_000
  expect(takeAll('a')).toBe(2)
  nowMs = 60_000
  expect(takeAll('a')).toBe(4)
})

test('it remembers only so many addresses', () => {
  const limit = new RateLimit({ perSecond: 1, burst: 1 }, () => 0)
  limit.take('first')
  expect(limit.waitSeconds('first')).toBe(1)
  for (let i = 0; i < 10_000; i++) limit.take(`other ${i}`)
  expect(limit.waitSeconds('first')).toBe(0)
})
