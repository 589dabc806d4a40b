import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type SinkKind, SpillDelay } from './spill-delay.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }))
afterEach(() => void vi.useRealTimers())

/** How many milliseconds sources wait, where `at` is called after each. */
function waited(at: (delay: SpillDelay, passedMs: number) => void, kind: SinkKind = 'remote'): number | undefined {
  const told: number[] = []
  using delay = new SpillDelay({ sinkKind: () => kind, onOver: () => told.push(performance.now()) })
  delay.begin()
  for (let passedMs = 1; passedMs <= 20_000; passedMs++) {
    at(delay, passedMs)
    vi.advanceTimersByTime(1)
    expect(delay.isOver).toBe(told.length > 0)
    if (told.length > 0) return passedMs
  }
  return undefined
}

test.each<[string, (delay: SpillDelay, passedMs: number) => void, number | undefined]>([
  ['a sink that takes nothing', () => undefined, 1_000],
  ['one that takes now and then', (delay, ms) => ms % 900 === 0 && delay.taken(), 5_000],
  ['one that stops', (delay, ms) => ms <= 2_500 && delay.taken(), 3_500],
  ['one that makes room', (delay, ms) => ms === 800 && delay.end(), undefined],
  ['one that takes, of a source that hurries', (delay, ms) => (ms === 700 ? delay.hurry() : delay.taken()), 700],
  [
    'one that makes room, and no more, of a source that has hurried before',
    (delay, ms) => {
      if (ms === 800) delay.end()
      if (ms === 801) delay.hurry()
      if (ms === 802) delay.begin()
    },
    1_802,
  ],
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
  expect(waited((delay, ms) => ms % 900 === 0 && delay.taken(), 'local')).toBeUndefined()
  expect(waited((delay, ms) => ms <= 7_000 && delay.taken(), 'local')).toBeGreaterThanOrEqual(16_999)
})

test('one that fails is not waited for, also where it begins to fail meanwhile', () => {
  const delay = new SpillDelay({ sinkKind: () => kind, onOver: () => undefined })
  let kind: SinkKind = 'remote'
  delay.begin()
  expect(delay.isOver).toBe(false)
  kind = 'failing'
  expect(delay.isOver).toBe(true)
  delay.end()
})
