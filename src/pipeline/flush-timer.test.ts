import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { FlushTimer } from './flush-timer.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }))
afterEach(() => void vi.useRealTimers())

/** Holds something until `dueAtMs`. */
class Scene {
  dueAtMs: number | undefined
  mayFlush = true
  readonly flushed: number[] = []
  readonly timer = new FlushTimer({
    dueAtMs: () => this.dueAtMs,
    mayFlush: () => this.mayFlush,
    flush: (nowMs) => {
      this.flushed.push(Math.round(nowMs - this.beganAtMs))
      if (this.dueAtMs! <= nowMs) this.dueAtMs = undefined
    },
  })
  readonly beganAtMs = performance.now()

  holdFor(ms: number): void {
    this.dueAtMs = performance.now() + ms
    this.timer.look()
  }
}

test('there is no timer while nothing is held, and one otherwise', () => {
  const scene = new Scene()
  scene.timer.look()
  expect(vi.getTimerCount()).toBe(0)
  scene.holdFor(1_000)
  scene.timer.look()
  expect(vi.getTimerCount()).toBe(1)
  vi.advanceTimersByTime(999)
  expect(scene.flushed).toEqual([])
  vi.advanceTimersByTime(1)
  expect(scene.flushed).toEqual([1_000])
  expect(vi.getTimerCount()).toBe(0)
})

test('what was touched meanwhile is called for when it is due', () => {
  const scene = new Scene()
  scene.holdFor(1_000)
  vi.advanceTimersByTime(600)
  scene.holdFor(1_000)
  vi.advanceTimersByTime(999)
  expect(scene.dueAtMs).toBeDefined()
  vi.advanceTimersByTime(1)
  expect(scene.dueAtMs).toBeUndefined()
  expect(scene.flushed.at(-1)).toBe(1_600)
})

test('while nothing may go on, and for a second after reading goes on, nothing is called for', () => {
  const scene = new Scene()
  scene.mayFlush = false
  scene.holdFor(500)
  vi.advanceTimersByTime(5_000)
  expect(scene.flushed).toEqual([])
  scene.mayFlush = true
  scene.timer.readsAgain()
  vi.advanceTimersByTime(999)
  expect(scene.flushed).toEqual([])
  vi.advanceTimersByTime(1_001)
  expect(scene.flushed).toHaveLength(1)
})

test('a process that was held up gives lines a second to come, once in a row', () => {
  const scene = new Scene()
  const late = vi.spyOn(performance, 'now')
  const { beganAtMs } = scene
  scene.holdFor(1_000)
  // Timers fire late: the clock has gone on.
  late.mockImplementation(() => beganAtMs + 9_000)
  vi.advanceTimersByTime(1_000)
  expect(scene.flushed).toEqual([])
  late.mockImplementation(() => beganAtMs + 19_000)
  vi.advanceTimersByTime(1_000)
  expect(scene.flushed).toEqual([19_000])
  late.mockRestore()
})

test('what is more than may be held goes on at once', () => {
  const scene = new Scene()
  scene.dueAtMs = Number.NEGATIVE_INFINITY
  scene.timer.look()
  expect(scene.flushed).toEqual([0])
})

test('nothing is called for when it is closed', () => {
  const scene = new Scene()
  scene.holdFor(10)
  scene.timer[Symbol.dispose]()
  expect(vi.getTimerCount()).toBe(0)
})
