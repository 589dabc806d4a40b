import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { BatchMaker, type TestLine } from '../../src/batch/testing.ts'
import { SimulatedEngine } from '../../src/simulator/engine.ts'
import { loki } from '../../src/sinks/loki/loki.ts'
import { createLog } from '../../src/telemetry/log.ts'
import { createMetrics } from '../../src/telemetry/metrics.ts'
import { makeCertificates } from '../helpers/certificates.ts'
import { RunningCollector } from '../helpers/collector.ts'
import { until } from '../helpers/until.ts'
import { generousLimits } from '../receivers/loki/limits.ts'
import { LokiReceiver, type LokiReceiverOptions } from '../receivers/loki/loki-receiver.ts'
import { inTurn, type Misbehaviour } from '../receivers/loki/misbehaviour.ts'

const never = new AbortController().signal
let folder: string
let receiver: LokiReceiver

const listen = async (options: LokiReceiverOptions = { limits: generousLimits }) =>
  (receiver = await LokiReceiver.open(options))

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'loki-'))
})
afterEach(async () => {
  await receiver[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

describe('a collector that pushes to Loki', () => {
  let engine: SimulatedEngine
  beforeEach(async () => {
    engine = await SimulatedEngine.open({ listen: { socketPath: join(tmpdir(), `${randomUUID()}.sock`) } }, never)
  })
  afterEach(() => engine[Symbol.asyncDispose]())

  const start = (options = '') =>
    RunningCollector.open(
      () =>
        `data_dir: ${folder}/state\nsources: { engine: { type: docker, host: "${engine.host}" } }\nsinks: { logs: { type: loki, inputs: [engine], url: "${receiver.url}", timeout: 500ms${options} } }\napi: { listen: off }`,
      folder,
    )

  const containers = () =>
    Array.from({ length: 5 }, (_, i) => {
      const container = engine.createContainer({ name: `app-${i}` })
      container.start()
      return container
    })

  /** What stands in Loki once repeats of the same time and text are dropped, as Loki does, in order of arrival. */
  function linesOf(container: string, stream: string): string[] {
    const seen = new Set<string>()
    return receiver.streams({ container, stream }).flatMap((stored) =>
      stored.texts().filter((text, i) => {
        const id = `${stored.time(i)} ${text}`
        return !seen.has(id) && seen.add(id)
      }),
    )
  }

  async function expectEachLineOnce(written: number): Promise<void> {
    const expected = Array.from({ length: written }, (_, i) => `line ${i}`)
    for (let i = 0; i < 5; i++) {
      for (const stream of ['stdout', 'stderr']) {
        await until(`app-${i} ${stream} is whole`, () => linesOf(`app-${i}`, stream).length >= written, {
          withinMs: 25_000,
          seen: () => [linesOf(`app-${i}`, stream).length, written],
        })
        expect(linesOf(`app-${i}`, stream)).toEqual(expected)
      }
    }
  }

  test.each(['protobuf', 'json'])('%s: every line of ten streams, once and in order', async (encoding) => {
    await listen()
    const apps = containers()
    const collector = await start(`, encoding: ${encoding}, batch: { max_bytes: 4KiB }`)
    for (let n = 0; n < 500; n++)
      for (const app of apps) for (const stream of ['stdout', 'stderr'] as const) app.write(stream, `line ${n}\n`)
    await expectEachLineOnce(500)
    expect(receiver.stored).toBe(5_000)
    await collector.stop()
  })

  const troubles: [name: string, misbehaviour: () => Misbehaviour][] = [
    ['silent', () => ({ kind: 'silent' })],
    ['cut requests', () => ({ kind: 'cut request' })],
    ['lost answers', () => ({ kind: 'lose answer' })],
    ['cut answers', () => ({ kind: 'cut answer' })],
    [
      'answers of all kinds that pass',
      () => ({
        kind: 'answers',
        answers: inTurn([{ status: 429 }, { status: 500 }, { status: 503 }, { status: 401 }, { status: 404 }]),
      }),
    ],
  ]
  test.each(troubles)('%s: every line is there afterwards, none rejected', async (_name, misbehaviour) => {
    await listen()
    const apps = containers()
    receiver.misbehave(misbehaviour())
    const collector = await start()
    const writeAll = (from: number) => {
      for (let n = from; n < from + 100; n++)
        for (const app of apps) for (const stream of ['stdout', 'stderr'] as const) app.write(stream, `line ${n}\n`)
    }
    writeAll(0)
    await until('some pushes went wrong', () => receiver.counts.pushes >= 3, { seen: () => receiver.counts })
    receiver.behave()
    writeAll(100)
    await expectEachLineOnce(200)
    expect(await collector.metric('logs_rejected_total')).toBe(0)
    await collector.stop()
  })
})

describe('the limits of Loki', () => {
  const open = (options: object = {}) =>
    loki.open(loki.options.parse({ url: receiver.url, ...options }), {
      ...{ id: 'logs', stateDir: folder, signal: never },
      ...{ log: createLog('silent'), metrics: createMetrics() },
    })
  const nowSeconds = Math.floor(Date.now() / 1_000)
  const day = 86_400
  const long = 'x'.repeat(300 * 1024)

  test.each([
    'protobuf',
    'json',
  ])('%s: just the lines that it refuses are rejected, and the others stored once', async (encoding) => {
    await listen()
    await using sink = await open({ encoding })
    const lines: TestLine[] = [
      { text: 'too old', seconds: nowSeconds - 8 * day, container: 'a' },
      { text: 'too old, too', seconds: nowSeconds - 8 * day, nanos: 1, container: 'b' },
      { text: 'good', seconds: nowSeconds, container: 'a' },
      { text: 'too new', seconds: nowSeconds + day, container: 'c' },
      { text: long, seconds: nowSeconds, nanos: 2, container: 'a' },
      { text: 'good', seconds: nowSeconds, nanos: 3, container: 'b' },
    ]
    const outcome = await sink.send(new BatchMaker().batchOf(lines), never)
    expect(outcome.status).toBe('rejected')
    const reasons = new Map(
      outcome.status === 'rejected'
        ? outcome.rejections.map(({ reason, lines: rejected }) => [
            reason,
            rejected === 'all' ? rejected : [...rejected].sort(),
          ])
        : [],
    )
    expect(reasons).toEqual(
      new Map([
        ['line too long', [4]],
        ['timestamp too old', [0, 1]],
        ['timestamp too new', [3]],
      ]),
    )
    expect(receiver.stored).toBe(2)
  })

  test('too far behind, in several streams of one batch', async () => {
    await listen()
    await using sink = await open()
    const maker = new BatchMaker()
    const at = (container: string, text: string, seconds: number): TestLine => ({ container, text, seconds })
    await sink.send(
      maker.batchOf([at('a', '1', nowSeconds), at('b', '1', nowSeconds), at('c', '1', nowSeconds)]),
      never,
    )
    const late = [
      at('a', 'late', nowSeconds - 7_200),
      at('b', 'late', nowSeconds - 7_200),
      at('c', '2', nowSeconds),
      at('a', '2', nowSeconds),
    ]
    expect(await sink.send(maker.batchOf(late), never)).toEqual({
      status: 'rejected',
      rejections: [{ reason: 'too far behind', lines: [0, 1] }],
    })
    expect(receiver.stored).toBe(5)
  })

  test('mutual TLS', async () => {
    makeCertificates(join(folder, 'tls'))
    await listen({ certificateFolder: join(folder, 'tls') })
    const file = (name: string) => join(folder, 'tls', name)
    await using stranger = await open({ tls: { ca_file: file('ca.pem') } })
    const batch = new BatchMaker().batchOf([{ text: 'x', seconds: nowSeconds }])
    expect(await stranger.send(batch, never)).toMatchObject({ status: 'retry' })
    await using sink = await open({
      tls: { ca_file: file('ca.pem'), cert_file: file('cert.pem'), key_file: file('key.pem') },
    })
    expect(await sink.send(batch, never)).toEqual({ status: 'delivered' })
    await expect(open({ tls: { ca_file: file('none.pem') } })).rejects.toThrow(/none\.pem/)
  })
})
