import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ReadPacer } from './read-pacer.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }))
afterEach(() => void vi.useRealTimers())

/** How many of a hundred reads, so many bytes each and so many milliseconds apart, are followed by a pause. */
function pauses({ bytes, everyMs }: { bytes: number; everyMs: number }): number {
  const pacer = new ReadPacer()
  let [made, isPaused] = [0, false]
  for (let read = 0; read < 100; read++) {
    if (pacer.mayPause(bytes, () => (isPaused = false))) {
      made += 1
      isPaused = true
    }
    vi.advanceTimersByTime(everyMs)
    // It is over a millisecond later, whenever the next read comes.
    vi.advanceTimersByTime(isPaused ? 1 : 0)
    expect(isPaused).toBe(false)
  }
  return made
}

test.each([
  ['line by line, as fast as it goes', { bytes: 200, everyMs: 0 }, 92],
  ['much at a time', { bytes: 65_536, everyMs: 0 }, 0],
  ['line by line, now and then', { bytes: 200, everyMs: 5 }, 0],
])('%s', (_, reads, expected) => {
  expect(pauses(reads)).toBe(expected)
})

test('many sockets go on together', () => {
  const going: number[] = []
  const pacers = Array.from({ length: 50 }, () => new ReadPacer())
  for (let read = 0; read < 8; read++) for (const pacer of pacers) pacer.mayPause(1, () => undefined)
  for (const [i, pacer] of pacers.entries()) expect(pacer.mayPause(1, () => going.push(i))).toBe(true)
  expect(vi.getTimerCount()).toBe(1)
  vi.advanceTimersByTime(1)
  expect(going).toEqual(pacers.map((_, i) => i))
})
