import { expect, test } from 'vitest'
import type { TailLine } from '../../src/api/v1/schemas.ts'
import { type Entry, LineBuffer } from './line-buffer.ts'

const line = (text: string, container = 'web'): TailLine => ({
  ...{ at: 'engine', time: '2026-01-01T00:00:00.000000000Z', container, containerId: 'c', stream: 'stdout' },
  text,
})
const linesOf = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => line(`${from + i}`))
const texts = (entries: readonly Entry[]) =>
  entries.map((entry) => (entry.kind === 'line' ? entry.line.text : `(${entry.count})`))

test('the oldest go when more have come than are kept', () => {
  const buffer = new LineBuffer(100)
  for (let from = 0; from < 1_000; from += 10) buffer.add({ lines: linesOf(from, from + 10), skipped: 0 })
  expect(buffer.shown.length).toBeGreaterThanOrEqual(100)
  expect(buffer.shown.length).toBeLessThanOrEqual(110)
  expect(texts(buffer.shown).at(-1)).toBe('999')
  expect(buffer.received).toBe(1_000)
})

test('what is wanted may change, also for lines that are there', () => {
  const buffer = new LineBuffer(100)
  buffer.add({ lines: linesOf(0, 20), skipped: 0 })
  buffer.want((entry) => entry.line.text.endsWith('5'))
  expect(texts(buffer.shown)).toEqual(['5', '15'])
  buffer.add({ lines: linesOf(20, 30), skipped: 0 })
  expect(texts(buffer.shown)).toEqual(['5', '15', '25'])
})

test('where lines were skipped is said once for one place', () => {
  const buffer = new LineBuffer(100)
  buffer.add({ lines: [line('a')], skipped: 3 })
  buffer.add({ lines: [], skipped: 4 })
  buffer.add({ lines: [line('b')], skipped: 0 })
  expect(texts(buffer.shown)).toEqual(['a', '(7)', 'b'])
  expect(buffer.skipped).toBe(7)
})

test('each container has a colour, and keeps it', () => {
  const buffer = new LineBuffer(100)
  buffer.add({ lines: [line('1', 'a'), line('2', 'b'), line('3', 'a')], skipped: 0 })
  const [first, second, third] = buffer.shown.map((entry) => (entry.kind === 'line' ? entry.hue : -1))
  expect(first).toBe(third)
  expect(first).not.toBe(second)
})
