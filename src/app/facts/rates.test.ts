import { expect, test } from 'vitest'
import { Rates } from './rates.ts'

function ratesAt() {
  const clock = { nowMs: 0 }
  const rates = new Rates(() => clock.nowMs)
  const ask = (atMs: number, count: number) => {
    clock.nowMs = atMs
    return rates.measure(new Map([['lines', count]]))('lines').perSecond
  }
  return ask
}

test('who asks first knows no speed; a second later it is known', () => {
  const ask = ratesAt()
  expect(ask(0, 100)).toBe(null)
  expect(ask(500, 150)).toBe(null)
  expect(ask(1_000, 200)).toBe(100)
})

test('it is of about the last second, however many ask', () => {
  const ask = ratesAt()
  for (let ms = 0; ms < 10_000; ms += 100) ask(ms, ms < 5_000 ? 0 : ms - 5_000)
  expect(ask(10_000, 5_000)).toBeCloseTo(1_000, 5)
})

test('what was read long ago says nothing of now', () => {
  const ask = ratesAt()
  ask(0, 0)
  expect(ask(31_000, 1_000)).toBe(null)
})

test('a count that begins anew has no speed below nothing', () => {
  const ask = ratesAt()
  ask(0, 100)
  expect(ask(1_000, 3)).toBe(0)
})

test('what is not counted is nothing', () => {
  expect(new Rates().measure(new Map())('lines')).toEqual({ total: 0, perSecond: null })
})
