import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { SpillDelay } from './spill-delay.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }))
afterEach(() => void vi.useRealTimers())

/** How many milliseconds sources wait, where `at` is called after each. */
function waited(at: (delay: SpillDelay, passedMs: number) => void, isLocal = false): number | undefined {
  let isOver = false
  using delay = new SpillDelay({ isSinkLocal: () => isLocal, onOver: () => (isOver = true) })
  delay.begin()
  for (let passedMs = 1; passedMs <= 20_000; passedMs++) {
    at(delay, passedMs)
    vi.advanceTimersByTime(1)
    expect(delay.isOver).toBe(isOver)
    if (isOver) return passedMs
  }
  return undefined
}

test.each<[string, (delay: SpillDelay, passedMs: number) => void, number | undefined]>([
  ['a sink that takes nothing', () => undefined, 1_000],
  ['one that takes now and then', (delay, ms) => ms % 900 === 0 && delay.taken(), 5_000],
  ['one that stops', (delay, ms) => ms <= 2_500 && delay.taken(), 3_500],
  ['one that makes room', (delay, ms) => ms === 800 && delay.end(), undefined],
  [
    'one that makes room, and no more',
    (delay, ms) => {
      if (ms === 800) delay.end()
      if (ms === 801) delay.begin()
    },
    1_801,
  ],
])('%s', (_, at, expected) => {
  const passedMs = waited(at)
  if (expected === undefined) expect(passedMs).toBeUndefined()
  else expect(passedMs).toBeGreaterThanOrEqual(expected - 1)
  expect(passedMs ?? 0).toBeLessThanOrEqual((expected ?? 0) + 1)
})

test('a sink on this host is waited for as long as it takes lines', () => {
  expect(waited((delay, ms) => ms % 900 === 0 && delay.taken(), true)).toBeUndefined()
  expect(waited((delay, ms) => ms <= 7_000 && delay.taken(), true)).toBeGreaterThanOrEqual(16_999)
})
