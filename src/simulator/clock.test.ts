import { expect, test } from 'vitest'
import { EngineClock } from './clock.ts'

function clockAt(elapsed: { ms: number }): EngineClock {
  return new EngineClock({ start: { seconds: 1000, nanos: 999_000_000 }, elapsedMs: () => elapsed.ms })
}

test('no two readings are equal, though no time has passed', () => {
  const clock = clockAt({ ms: 0 })
  const first = clock.now()
  expect([first, clock.now()]).toEqual([
    { seconds: 1000, nanos: 999_000_001 },
    { seconds: 1000, nanos: 999_000_002 },
  ])
})

test('nanoseconds carry into seconds', () => {
  const elapsed = { ms: 0 }
  const clock = clockAt(elapsed)
  elapsed.ms = 1.000_5
  expect(clock.now()).toEqual({ seconds: 1001, nanos: 500 })
})

test('a step goes forwards and backwards', () => {
  const clock = clockAt({ ms: 0 })
  clock.step(-100)
  expect(clock.now().seconds).toBe(900)
  clock.step(3_700)
  expect(clock.now().seconds).toBe(4_600)
})

test('a coarse clock repeats itself', () => {
  const clock = clockAt({ ms: 0 })
  clock.coarsen(1_000_000_000)
  expect([clock.now(), clock.now()]).toEqual([
    { seconds: 1000, nanos: 0 },
    { seconds: 1000, nanos: 0 },
  ])
})
