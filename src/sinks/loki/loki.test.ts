import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Batch } from '../../batch/batch.ts'
import { lineFlags } from '../../batch/flags.ts'
import { BatchMaker, type TestLine } from '../../batch/testing.ts'
import type { Sink } from '../../component/sink.ts'
import { createLog } from '../../telemetry/log.ts'
import { createMetrics, type Metrics } from '../../telemetry/metrics.ts'
import { loki } from './loki.ts'
import { Receiver } from './testing.ts'

const never = new AbortController().signal
const now = 1_795_000_000
let receiver: Receiver
let maker: BatchMaker
let metrics: Metrics
let sinks: Sink[]

beforeEach(async () => {
  receiver = await Receiver.open()
  maker = new BatchMaker()
  metrics = createMetrics()
  sinks = []
})
afterEach(async () => {
  for (const sink of sinks) await sink[Symbol.asyncDispose]()
  await receiver[Symbol.asyncDispose]()
})

async function open(options: object = {}): Promise<Sink> {
  const context = { id: 'loki', stateDir: '/nowhere', log: createLog('silent'), metrics, signal: never }
  const sink = await loki.open(loki.options.parse({ url: receiver.url, ...options }), context)
  sinks.push(sink)
  return sink
}

const batchOf = (...lines: (TestLine | string)[]): Batch =>
  maker.batchOf(lines.map((line, i) => (typeof line === 'string' ? { text: line, nanos: i } : line)))
const iso = (seconds: number) => new Date(seconds * 1_000).toISOString().replace('.000Z', 'Z')

describe('what a push holds', () => {
  test.each(['protobuf', 'json'])('%s: labels, times with ordinals, text, metadata and flags', async (encoding) => {
    const sink = await open({
      encoding,
      metadata: { team: '{labels.team}' },
      labels: { app: '{container.name}', stream: '{stream}' },
    })
    const lines: TestLine[] = [
      { text: 'one "quoted" \\ line', labels: { team: 'shop' } },
      { text: 'the same second', ordinal: 1, flags: lineFlags.truncated | lineFlags.gapBefore },
      { text: 'carried over', nanos: 999_999_999, ordinal: 2 },
      { text: 'gone', flags: lineFlags.dropped },
      { text: 'other', stream: 'stderr' },
    ]
    expect(await sink.send(batchOf(...lines), never)).toEqual({ status: 'delivered' })
    const metadata = { container_id: 'app', image: 'image', team: 'shop' }
    const labels = '{app="app", stream="stdout"}'
    expect(receiver.received).toHaveLength(1)
    expect(receiver.received[0]!.path).toBe('/loki/api/v1/push')
    expect(receiver.received[0]!.entries).toEqual([
      { labels, seconds: now, nanos: 0, line: 'one "quoted" \\ line', metadata },
      {
        labels,
        seconds: now,
        nanos: 1,
        line: 'the same second',
        metadata: { ...metadata, flags: 'truncated,gap_before' },
      },
      { labels, seconds: now + 1, nanos: 1, line: 'carried over', metadata },
      {
        labels: '{app="app", stream="stderr"}',
        seconds: now,
        nanos: 0,
        line: 'other',
        metadata: { container_id: 'app', image: 'image' },
      },
    ])
  })

  test('bytes that are no UTF-8 stay as they are in protobuf, and become U+FFFD in JSON', async () => {
    const text = Buffer.from([0x61, 0xff, 0x00, 0x62])
    await (await open()).send(batchOf({ text }), never)
    await (await open({ encoding: 'json' })).send(batchOf({ text }), never)
    expect(receiver.lines).toEqual([text.toString('latin1'), Buffer.from('a\ufffd\0b').toString('latin1')])
  })

  test('tenants are pushed apart; who we are is said', async () => {
    const sink = await open({ tenant: '{container.name}', auth: { username: 'me', password: 'x' } })
    await sink.send(batchOf({ text: '1', container: 'a' }, { text: '2', container: 'b' }), never)
    expect(receiver.received.map(({ headers }) => headers['x-scope-orgid'])).toEqual(['a', 'b'])
    expect(receiver.received[0]!.headers.authorization).toBe(`Basic ${btoa('me:x')}`)
  })

  test('a url that names the endpoint, and a token', async () => {
    const sink = await open({ url: `${receiver.url}/loki/api/v1/push`, auth: { token: 't' } })
    await sink.send(batchOf('x'), never)
    expect(receiver.received[0]!.path).toBe('/loki/api/v1/push')
    expect(receiver.received[0]!.headers.authorization).toBe('Bearer t')
  })

  test.each([
    'protobuf',
    'json',
  ])('%s: labels and tenant of fields; a line without them goes without', async (encoding) => {
    const sink = await open({
      encoding,
      labels: { app: '{container.name}', level: '{fields.level}' },
      tenant: 'of-{fields.team}',
    })
    const lines = [
      { text: '1', fields: { level: 'info', team: 'a', status: 200 } },
      { text: '2' },
      { text: '3', fields: { level: 'error', team: 'a' } },
      { text: '4', fields: { level: 'info', team: 'a' } },
      { text: '5', fields: { level: 'info', team: 'b' } },
    ]
    expect(await sink.send(batchOf(...lines), never)).toEqual({ status: 'delivered' })
    const seen = receiver.received.flatMap(({ headers, entries }) =>
      entries.map(({ labels, line, metadata }) => [headers['x-scope-orgid'], labels, line, metadata['status']]),
    )
    expect(seen).toEqual([
      ['of-a', '{app="app", level="info"}', '1', '200'],
      ['of-a', '{app="app", level="info"}', '4', undefined],
      ['of-a', '{app="app", level="error"}', '3', undefined],
      ['of-', '{app="app"}', '2', undefined],
      ['of-b', '{app="app", level="info"}', '5', undefined],
    ])
  })

  test('a field with many values is held by the budget', async () => {
    const sink = await open({ max_streams: 2, labels: { trace: '{fields.trace}' } })
    const lines = Array.from({ length: 5 }, (_, i) => ({ text: `${i}`, fields: { trace: `t${i}` } }))
    await sink.send(batchOf(...lines), never)
    const { entries } = receiver.received[0]!
    expect(new Set(entries.map(({ labels }) => labels)).size).toBe(3)
    const overflow = entries.filter(({ labels }) => labels.includes('overflow'))
    expect(overflow.map(({ metadata }) => metadata['trace'])).toEqual(['t2', 't3', 't4'])
  })

  test('label sets beyond the budget share one, and say in metadata what they would have been', async () => {
    const sink = await open({ max_streams: 1, labels: { app: '{container.name}' } })
    await sink.send(batchOf({ text: '1', container: 'a' }, { text: '2', container: 'b' }), never)
    const [own, overflow] = receiver.received.flatMap(({ entries }) => entries)
    expect(own!.labels).toBe('{app="a"}')
    expect(overflow!.labels).toBe('{log_capturer_overflow="true", stream="stdout"}')
    expect(overflow!.metadata).toEqual({ container_id: 'b', image: 'image', app: 'b' })
    expect((await metrics.lokiOverflowLines.get()).values[0]!.value).toBe(1)
  })

  test('long values are cut to what Loki takes', async () => {
    const sink = await open({ labels: { app: '{labels.long}' } })
    await sink.send(batchOf({ text: '1', labels: { long: 'ä'.repeat(2_000) } }), never)
    expect(receiver.received[0]!.entries[0]!.labels).toBe(`{app="${'ä'.repeat(1_024)}"}`)
  })
})

describe('answers', () => {
  const retries: [status: number, body: string, reason: RegExp][] = [
    [500, 'empty ring', /500: empty ring/],
    [503, '', /503/],
    [401, '', /check auth/],
    [404, '', /check url/],
    [260, 'ingestion blocked', /260/],
    [400, '<html>bad</html>', /400/],
    [400, 'no org id', /set tenant/],
    [
      400,
      'stream \'{a="b"}\' includes structured metadata, but this feature is disallowed.',
      /structured_metadata: false/,
    ],
  ]
  test.each(retries)('%i %s is sent again', async (status, body, reason) => {
    receiver.reply = () => ({ status, body })
    expect(await (await open()).send(batchOf('x'), never)).toMatchObject({
      status: 'retry',
      reason: expect.stringMatching(reason) as string,
    })
  })

  test('429 is sent again after the time that the server names', async () => {
    receiver.reply = () => ({ status: 429, headers: { 'retry-after': '7' } })
    expect(await (await open()).send(batchOf('x'), never)).toMatchObject({ status: 'retry', afterMs: 7_000 })
  })

  test('a server that is away is waited for, one that is silent not for ever, and an abort ends it', async () => {
    const away = await open({ url: 'http://127.0.0.1:1' })
    expect(await away.send(batchOf('x'), never)).toMatchObject({ status: 'retry' })
    const abort = new AbortController()
    receiver.reply = () => {
      abort.abort(new Error('over'))
      return { status: 204 }
    }
    expect(await (await open()).send(batchOf('x'), abort.signal)).toMatchObject({ status: 'retry', reason: 'over' })
  })

  test('what the server has taken of a batch is not sent again', async () => {
    const sink = await open({ tenant: '{container.name}' })
    const batch = batchOf({ text: '1', container: 'a' }, { text: '2', container: 'b' })
    receiver.reply = ({ headers }) => (headers['x-scope-orgid'] === 'b' ? { status: 500 } : undefined)
    expect(await sink.send(batch, never)).toMatchObject({ status: 'retry' })
    receiver.reply = () => undefined
    expect(await sink.send(batch, never)).toEqual({ status: 'delivered' })
    expect(receiver.lines).toEqual(['1', '2', '2'])
  })

  test('too large: halved until it fits; a line that never does is rejected', async () => {
    const sink = await open()
    receiver.reply = ({ entries }) =>
      entries.length > 2 || entries.some(({ line }) => line === 'huge') ? { status: 413 } : undefined
    const outcome = await sink.send(batchOf('a', 'b', 'huge', 'c', 'd', 'e', 'f'), never)
    expect(outcome).toEqual({ status: 'rejected', rejections: [{ reason: 'line too long', lines: [2] }] })
  })

  test('too old and too new: the lines of those seconds, as many as the server says', async () => {
    const stream = '{container="app", stream="stdout"}'
    const body = `2 errors like: entry for stream '${stream}' has timestamp too old: ${iso(now - 9e5)}, oldest acceptable timestamp is: ${iso(now - 9e5)}; 1 errors like: entry for stream '${stream}' has timestamp too new: ${iso(now + 9e5)}`
    receiver.reply = () => ({ status: 400, body })
    const lines: TestLine[] = [
      { text: 'old', seconds: now - 9e5, nanos: 1 },
      { text: 'old', seconds: now - 9e5, nanos: 2 },
      { text: 'just good', seconds: now - 9e5, nanos: 3 },
      { text: 'good' },
      { text: 'new', seconds: now + 9e5 },
    ]
    expect(await (await open()).send(batchOf(...lines), never)).toEqual({
      status: 'rejected',
      rejections: [
        { reason: 'timestamp too old', lines: [0, 1] },
        { reason: 'timestamp too new', lines: [4] },
      ],
    })
    expect(receiver.received).toHaveLength(1)
  })

  test('too far behind: the oldest of the stream, which is pushed by itself', async () => {
    const body = `entry with timestamp x ignored, reason: 'entry too far behind, entry timestamp is: ${iso(now - 8_000)}, oldest acceptable timestamp is: ${iso(now - 3_600)}',\nuser 'fake', total ignored: 2 out of 3 for stream: {container="app", stream="stdout"}`
    receiver.reply = ({ entries }) => (entries.length === 3 ? { status: 400, body } : undefined)
    const lines: TestLine[] = [
      { text: 'good' },
      { text: 'old', seconds: now - 8_000 },
      { text: 'old', seconds: now - 8_001 },
      { text: 'other', container: 'other' },
    ]
    expect(await (await open()).send(batchOf(...lines), never)).toEqual({
      status: 'rejected',
      rejections: [{ reason: 'too far behind', lines: [2, 1] }],
    })
    expect(receiver.lines.filter((line) => line === 'other')).toHaveLength(1)
  })

  test('line too long: remembered, so that the next is not even sent', async () => {
    const sink = await open()
    receiver.reply = ({ entries }) =>
      entries.some(({ line }) => line.length > 5)
        ? {
            status: 400,
            body: "Max entry size '5' bytes exceeded for stream '{}' while adding an entry with length '9' bytes",
          }
        : undefined
    const rejected = { status: 'rejected', rejections: [{ reason: 'line too long', lines: [1] }] }
    expect(await sink.send(batchOf('short', 'much longer'), never)).toEqual(rejected)
    expect(await sink.send(batchOf('again', 'much longer'), never)).toEqual(rejected)
    expect(receiver.lines).toEqual(['short', 'much longer', 'again'])
  })

  test('a push that the server cannot read is halved until only what is bad is rejected', async () => {
    receiver.reply = ({ entries }) =>
      entries.some(({ line }) => line === 'bad') ? { status: 400, body: 'ReadMapCB: expect }' } : undefined
    expect(await (await open()).send(batchOf('a', 'b', 'bad', 'c'), never)).toEqual({
      status: 'rejected',
      rejections: [{ reason: 'unreadable for the server', lines: [2] }],
    })
    expect(receiver.received.at(-1)!.entries.map(({ line }) => line)).toEqual(['c'])
  })

  test('a 400 that nobody knows: all to the dead letters, nothing sent twice', async () => {
    receiver.reply = () => ({ status: 400, body: 'computer says no' })
    expect(await (await open()).send(batchOf('a', 'b'), never)).toEqual({
      status: 'rejected',
      rejections: [{ reason: 'refused: computer says no', lines: [0, 1] }],
    })
    expect(receiver.received).toHaveLength(1)
  })
})

test('a push is cut below what Loki takes', async () => {
  const sink = await open()
  const text = 'x'.repeat(900_000)
  expect(await sink.send(batchOf(text, text, text, text, text), never)).toEqual({ status: 'delivered' })
  expect(receiver.received.map(({ entries }) => entries.length)).toEqual([3, 2])
})

const refused: [options: object, message: RegExp][] = [
  [{ url: 'ftp://x' }, /url/i],
  [{ labels: { 'a-b': 'x' } }, /is no name for Loki/],
  [{ labels: { a: '{container.nam}' } }, /did you mean \{container.name\}/],
  [{ labels: {} }, /without a label/],
  [{ labels: Object.fromEntries(Array.from({ length: 16 }, (_, i) => [`l${i}`, 'x'])) }, /15 labels/],
  [{ auth: { username: 'x' } }, /auth/],
]
test.each(refused)('%j is refused', (options, message) => {
  expect(() => loki.options.parse({ url: 'http://x', ...options })).toThrow(message)
})
