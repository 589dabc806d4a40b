import { expect, test } from 'vitest'
import { levelAtLook, scheduleOfLooks } from './looks.ts'

test.each([
  { cycles: 8, looks: [8] },
  { cycles: 12, looks: [12] },
  { cycles: 30, looks: [12, 17, 24, 30] },
  { cycles: 120, looks: [12, 17, 24, 34, 48, 68, 96, 120] },
  { cycles: 400, looks: [12, 17, 24, 34, 48, 68, 96, 120, 170, 240, 339, 400] },
])('a run of $cycles cycles is judged after $looks', ({ cycles, looks }) => {
  expect(scheduleOfLooks(cycles)).toEqual(looks)
})

test('the levels of all looks add up to alpha', () => {
  const levels = Array.from({ length: 1_000 }, (_, i) => levelAtLook(0.01, i + 1))
  const sum = levels.reduce((total, level) => total + level, 0)
  expect(sum).toBeLessThan(0.01)
  expect(sum).toBeCloseTo(0.01, 4)
})
