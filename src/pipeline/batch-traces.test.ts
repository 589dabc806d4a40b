import { beforeEach, describe, expect, test } from 'vitest'
import type { Span } from '../telemetry/traces/span.ts'
import { BatchTraces } from './batch-traces.ts'
import { linesFrom, ToyBatches } from './testing.ts'

let traces: BatchTraces
let ended: Span[][]
beforeEach(() => {
  ended = []
  traces = new BatchTraces()
  traces.use({ oneIn: 1, onEnded: (spans) => ended.push([...spans]) })
})

/** A batch that goes to these sinks, in so many entries of their queues. */
function emit(emission: number, entries: Readonly<Record<string, number>>): void {
  const begun = traces.begin(new ToyBatches().of(linesFrom('a', 1, 3)), 'engine')
  if (begun) traces.passed(emission, begun, new Map(Object.entries(entries)))
}
const sent = () => ({ startedAtMs: performance.now(), lines: 3, bytes: 15 })
const delivered = { status: 'delivered' } as const
/** Names, each with what it is in. */
const tree = (spans: readonly Span[]) =>
  spans.map(({ name, parentSpanId }) => [name, spans.find(({ spanId }) => spanId === parentSpanId)?.name])

test('a batch from its first line until its sinks have acknowledged it, with each try', () => {
  emit(7, { loki: 1, disk: 1 })
  traces.sent({ ...sent(), sink: 'loki', emissions: [6, 7], outcome: { status: 'retry', reason: 'it is busy' } })
  traces.sent({ ...sent(), sink: 'loki', emissions: [7], outcome: delivered })
  traces.acknowledged(7, 'loki', 'sink')
  expect(ended).toEqual([])
  traces.acknowledged(7, 'disk', 'disk')
  expect(ended.length).toBe(1)
  const [spans] = ended
  expect(tree(spans!)).toEqual([
    ['batch', undefined],
    ['read', 'batch'],
    ['deliver', 'batch'],
    ['queue', 'deliver'],
    ['send', 'deliver'],
    ['send', 'deliver'],
    ['acknowledge', 'deliver'],
    ['deliver', 'batch'],
    ['queue', 'deliver'],
  ])
  expect(new Set(spans!.map(({ traceId }) => traceId)).size).toBe(1)
  expect(spans![0]!.attributes).toEqual({
    'log_capturer.source': 'engine',
    'log_capturer.lines': 3,
    'log_capturer.bytes': 15,
  })
  expect(spans![2]!.attributes).toEqual({
    'log_capturer.sink': 'loki',
    'log_capturer.retries': 1,
    'log_capturer.acknowledged_by': 'sink',
  })
  expect(spans!.filter(({ name }) => name === 'send').map(({ error }) => error)).toEqual(['it is busy', undefined])
  expect(spans![7]!.attributes).toMatchObject({ 'log_capturer.acknowledged_by': 'disk' })
  for (const { startedAtMs, endedAtMs } of spans!) expect(endedAtMs).toBeGreaterThanOrEqual(startedAtMs)
})

describe('what is not acknowledged', () => {
  test('ends, as a failure, when nobody wants traces any more', () => {
    emit(1, { loki: 1 })
    traces.use(undefined)
    expect(ended[0]!.map(({ name, error }) => [name, error])).toEqual([
      ['batch', 'not acknowledged by loki'],
      ['read', undefined],
      ['deliver', 'not acknowledged'],
      ['queue', undefined],
    ])
    expect(traces.isOn).toBe(false)
  })

  test('gives way to others', () => {
    for (let emission = 1; emission <= 300; emission++) emit(emission, { loki: 1 })
    expect(ended.length).toBe(300 - 256)
  })
})

test('a sink that gets it by several ways has it when it has all of them; what is held somewhere goes on with another', () => {
  emit(1, { loki: 2, disk: 0 })
  traces.acknowledged(1, 'loki', 'sink')
  expect(ended).toEqual([])
  traces.acknowledged(1, 'loki', 'sink')
  expect(tree(ended[0]!).map(([name]) => name)).toEqual(['batch', 'read', 'deliver', 'queue'])
  emit(2, { loki: 0 })
  expect(tree(ended[1]!).map(([name]) => name)).toEqual(['batch', 'read'])
})

test('one batch in so many is traced', () => {
  traces.use({ oneIn: Number.MAX_SAFE_INTEGER, onEnded: (spans) => ended.push([...spans]) })
  for (let emission = 1; emission <= 100; emission++) {
    emit(emission, { loki: 1 })
    traces.acknowledged(emission, 'loki', 'sink')
  }
  expect(ended).toEqual([])
})
