import fc from 'fast-check'
import { request } from 'undici'
import { describe, expect, test } from 'vitest'
import { generousLimits } from '../../../test/receivers/loki/limits.ts'
import { LokiReceiver, type LokiReceiverOptions } from '../../../test/receivers/loki/loki-receiver.ts'
import { LokiReader } from './client.ts'
import type { LokiEntry } from './entries.ts'
import { QuestionSize } from './question-size.ts'
import { Repeats } from './repeats.ts'
import { readStretches } from './stretches.ts'

interface Line {
  /** Nanoseconds after the beginning. */
  readonly at: number
  readonly text: string
  readonly stream?: string
}

const signal = new AbortController().signal
const begin = BigInt(Date.now() - 60_000) * 1_000_000n
const span = { from: begin - 3n * 3_600_000_000_000n, to: begin + 50_000_000_000n }

async function lokiWith(lines: readonly Line[], options: LokiReceiverOptions = {}): Promise<LokiReceiver> {
  const loki = await LokiReceiver.open({ limits: generousLimits, ...options })
  const streams = lines.map(({ at, text, stream = 'one' }) => ({
    stream: { job: 'test', stream },
    values: [[String(begin + BigInt(at)), text]],
  }))
  const headers = { 'content-type': 'application/json' }
  const body = JSON.stringify({ streams })
  const answer = await request(`${loki.url}/loki/api/v1/push`, { method: 'POST', headers, body })
  await answer.body.dump()
  return loki
}

/** All that is in Loki, and how it was read. */
async function readAll(loki: LokiReceiver) {
  await using reader = new LokiReader({ base: loki.url, headers: {}, tls: undefined })
  const size = new QuestionSize()
  const repeats = new Repeats()
  const reading = { reader, size, query: { tenant: '', selector: '{job="test"}' } }
  const entries: LokiEntry[] = []
  const cut = []
  for await (const stretch of readStretches(reading, span, signal)) {
    const whole = await repeats.addTo(stretch, reading, signal)
    entries.push(...whole.entries)
    cut.push(...whole.cut)
  }
  return { texts: entries.map(({ line }) => line), cut, size, answers: reader.answers }
}

const lines = (count: number, at: (i: number) => number): Line[] =>
  Array.from({ length: count }, (_, i) => ({ at: at(i), text: `line ${i}` }))

test('any times and repeats, in answers of four entries', async () => {
  const line = fc.record({
    at: fc.constantFrom(0, 1, 2, 3, 1_000_000, 1_000_001, 5_000_000),
    text: fc.constantFrom('a', 'ab'),
    stream: fc.constantFrom('one', 'two'),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 30 }), async (some) => {
      await using loki = await lokiWith(some, { queryLimits: { maxEntries: 4 } })
      const { texts, cut } = await readAll(loki)
      // Of a nanosecond with two streams no stream has more than two entries that can be told apart.
      expect(cut).toEqual([])
      expect([...texts].sort()).toEqual(some.map(({ text }) => text).sort())
    }),
    { numRuns: 60 },
  )
}, 60_000)

describe('more than an answer holds at one time', () => {
  test('is read stream by stream', async () => {
    const crowd = ['one', 'two', 'three'].flatMap((stream) =>
      lines(4, () => 1_000).map((one) => ({ ...one, stream, text: `${stream} ${one.text}` })),
    )
    const some = [...lines(3, (i) => i), ...crowd, ...lines(3, (i) => 2_000 + i)]
    await using loki = await lokiWith(some, { queryLimits: { maxEntries: 5 } })
    const { texts, cut } = await readAll(loki)
    expect(texts).toHaveLength(18)
    expect(cut).toEqual([])
  })

  test('of a single stream is said to be cut, and reading goes on behind it', async () => {
    const some = [...lines(3, (i) => i), ...lines(9, () => 1_000), ...lines(3, (i) => 2_000 + i)]
    await using loki = await lokiWith(some, { queryLimits: { maxEntries: 5 } })
    const { texts, cut } = await readAll(loki)
    expect(texts).toHaveLength(11)
    expect(cut).toEqual([{ job: 'test', stream: 'one' }])
  })
})

test('repeats among many lines are found with few questions', async () => {
  const some = lines(3_000, (i) => i * 100_000)
  await using loki = await lokiWith([...some, some[7]!, some[1_234]!, some[1_234]!])
  const { texts, answers } = await readAll(loki)
  expect(texts).toHaveLength(3_003)
  expect(texts.filter((text) => text === 'line 1234')).toHaveLength(3)
  expect(answers).toBeLessThan(60)
})

describe('a Loki', () => {
  test.each([
    ['that takes no 5,000 at once is asked for less', { queryLimits: { maxEntries: 700 } }, 700],
    ['that takes no whole week is asked for shorter times', { queryLimits: { maxSeconds: 3_600 } }, 5_000],
  ])('%s', async (_name, options, maxEntries) => {
    await using loki = await lokiWith(
      lines(2_000, (i) => i),
      options,
    )
    const { texts, size } = await readAll(loki)
    expect(texts).toHaveLength(2_000)
    expect(size.maxEntries).toBe(maxEntries)
  })

  test('that has too much to do is asked again, and waited for', async () => {
    const refusals = [
      { status: 429, text: 'too many outstanding requests', headers: { 'retry-after': '1' } },
      { status: 503, text: 'no healthy queriers' },
      { status: 504, text: 'context deadline exceeded' },
      { status: 500, text: 'rpc error: code = ResourceExhausted desc = grpc: received message larger than max' },
    ]
    const onQuery = () => refusals.shift()
    await using loki = await lokiWith(
      lines(100, (i) => i),
      { onQuery },
    )
    expect((await readAll(loki)).texts).toHaveLength(100)
    expect(refusals).toEqual([])
  })

  test('that never answers with less is given up', async () => {
    const onQuery = () => ({ status: 504, text: 'context deadline exceeded' })
    await using loki = await lokiWith([], { onQuery })
    await expect(readAll(loki)).rejects.toThrow(/does not answer the smallest question: context deadline/)
  })

  test('that cannot count is read nevertheless', async () => {
    const onQuery = ({ pathname }: URL) =>
      pathname.endsWith('/query') ? { status: 400, text: 'unknown function' } : undefined
    await using loki = await lokiWith(
      lines(100, (i) => i),
      { onQuery },
    )
    expect((await readAll(loki)).texts).toHaveLength(100)
  })
})
