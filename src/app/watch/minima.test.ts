import { expect, test } from 'vitest'
import { Minima } from './minima.ts'

test('the least of each stretch, each column by itself; what was not read is passed over', () => {
  const minima = new Minima({ columns: 2, samplesPerStretch: 3, stretches: 10 })
  const complete = [
    [5, NaN],
    [3, 8],
    [4, 9],
    [7, NaN],
    [6, NaN],
    [9, NaN],
    [1, 1],
  ].map((values, i) => minima.add(i, values))
  expect(complete).toEqual([false, false, true, false, false, true, false])
  expect(minima.readings(0)).toEqual({ at: [2, 5], values: [3, 6] })
  expect(minima.readings(1)).toEqual({ at: [2], values: [8] })
})

test('memory is bounded: the oldest makes room, and the window slides', () => {
  const minima = new Minima({ columns: 1, samplesPerStretch: 2, stretches: 4 })
  for (let i = 0; i < 8; i++) minima.add(i, [i])
  expect(minima.isSliding).toBe(false)
  for (let i = 8; i < 1_001; i++) minima.add(i, [i])
  expect(minima.isSliding).toBe(true)
  expect(minima.readings(0)).toEqual({ at: [993, 995, 997, 999], values: [992, 994, 996, 998] })
})
