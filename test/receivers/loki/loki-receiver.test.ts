import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import snappy from 'snappyjs'
import { Agent, request } from 'undici'
import { describe, expect, test } from 'vitest'
import { makeCertificates } from '../../helpers/certificates.ts'
import { until } from '../../helpers/until.ts'
import { LokiReceiver } from './loki-receiver.ts'
import { inTurn } from './misbehaviour.ts'
import { writeProtobuf } from './protobuf.ts'

const nowSeconds = Math.floor(Date.now() / 1000)
const json = { 'content-type': 'application/json' }

interface Sent {
  readonly headers?: Record<string, string>
  readonly dispatcher?: Agent
}

async function send(loki: LokiReceiver, body: string | Uint8Array, { headers = json, dispatcher }: Sent = {}) {
  const answer = await request(`${loki.url}/loki/api/v1/push`, {
    method: 'POST',
    headers,
    body,
    ...(dispatcher ? { dispatcher } : {}),
  })
  return { status: answer.statusCode, text: await answer.body.text(), headers: answer.headers }
}

/** A push of one stream, with entries so many seconds from now. */
function pushOf(entries: readonly (readonly [offsetSeconds: number, line: string])[], labels: object = { app: 'web' }) {
  return JSON.stringify({ streams: [streamOf(entries, labels)] })
}

function streamOf(entries: readonly (readonly [number, string])[], stream: object) {
  return { stream, values: entries.map(([offset, line]) => [`${nowSeconds + offset}000000007`, line]) }
}

describe('what is stored', () => {
  test('from snappy and protobuf: time, bytes and metadata, in order', async () => {
    await using loki = await LokiReceiver.open()
    const entry = (nanos: number, line: Buffer) => ({ timestamp: { seconds: nowSeconds, nanos }, line })
    const body = writeProtobuf([
      {
        labels: '{stream="stdout", container="a\\"b"}',
        entries: [
          { ...entry(2, Buffer.from([0xff, 0x00, 0x1b])), structuredMetadata: [{ name: 'image', value: 'nginx' }] },
          entry(1, Buffer.from('second')),
        ],
      },
    ])
    const { status } = await send(loki, snappy.compress(body), {
      headers: { 'content-type': 'application/x-protobuf' },
    })
    expect(status).toBe(204)
    const stream = loki.stream({ container: 'a"b', stream: 'stdout' })
    expect(stream.labels.name).toBe('{container="a\\"b", stream="stdout"}')
    expect(stream.line(0)).toEqual(Buffer.from([0xff, 0x00, 0x1b]))
    expect(stream.time(0)).toBe(`${nowSeconds}000000002`)
    expect(stream.metadata(0)).toEqual({ image: 'nginx' })
    expect([stream.text(1), stream.nanos(1), stream.count]).toEqual(['second', 1, 2])
  })

  test('from gzip and JSON', async () => {
    await using loki = await LokiReceiver.open()
    const body = gzipSync(pushOf([[0, 'a\u0000\u001b€']]))
    expect((await send(loki, body, { headers: { ...json, 'content-encoding': 'gzip' } })).status).toBe(204)
    expect(loki.stream().text(0)).toBe('a\u0000\u001b€')
    expect(loki.stream().time(0)).toBe(`${nowSeconds}000000007`)
  })

  test('of thousands of lines, every one where it was', async () => {
    await using loki = await LokiReceiver.open()
    const lines = Array.from({ length: 5_000 }, (_, i) => [0, `line ${i}`] as const)
    await send(loki, pushOf(lines))
    expect(loki.stream().texts()).toEqual(lines.map(([, line]) => line))
  })

  test('twice when it is sent twice', async () => {
    await using loki = await LokiReceiver.open({ keep: 'ids' })
    for (let i = 0; i < 2; i++) await send(loki, pushOf([[0, 'again']]))
    const stream = loki.stream()
    expect([stream.count, stream.hash(0)]).toEqual([2, stream.hash(1)])
  })

  test('by tenant', async () => {
    await using loki = await LokiReceiver.open({ hasTenants: true })
    const refused = await send(loki, pushOf([[0, 'a']]))
    expect([refused.status, refused.text]).toEqual([401, 'no org id\n'])
    await send(loki, pushOf([[0, 'a']]), { headers: { ...json, 'x-scope-orgid': 'blue' } })
    expect(loki.streams({}, 'blue')).toHaveLength(1)
    expect(loki.streams()).toHaveLength(0)
  })
})

describe('limits of entries: 400, and the good ones are stored', () => {
  const cases = [
    ['too old', [[-8 * 86_400, 'bad']], 'has timestamp too old'],
    ['too new', [[700, 'bad']], 'has timestamp too new'],
    ['behind the newest of the stream', [[-3601, 'bad']], 'entry too far behind, entry timestamp is'],
    ['too long', [[0, 'x'.repeat(256 * 1024 + 1)]], "Max entry size '262144' bytes exceeded"],
  ] as const
  test.each(cases)('%s', async (_, bad, text) => {
    await using loki = await LokiReceiver.open()
    const answer = await send(loki, pushOf([[0, 'good'], ...bad, [1, 'good too']]))
    expect(answer.status).toBe(400)
    expect(answer.text).toContain(text)
    expect(loki.stream().texts()).toEqual(['good', 'good too'])
  })

  test('several faults are counted, and ignored ones of a stream too', async () => {
    await using loki = await LokiReceiver.open()
    expect(
      (
        await send(
          loki,
          pushOf([
            [-700_000, 'a'],
            [-700_000, 'b'],
          ]),
        )
      ).text,
    ).toMatch(/^2 errors like: entry for stream/) // prettier-ignore
    const { text } = await send(
      loki,
      pushOf([
        [0, 'good'],
        [-4000, 'bad'],
      ]),
    ) // prettier-ignore
    expect(text).toContain(`user 'fake', total ignored: 1 out of 2 for stream: {app="web"}`)
  })

  test('more than 15 labels: that stream is left out', async () => {
    await using loki = await LokiReceiver.open()
    const many = Object.fromEntries(Array.from({ length: 16 }, (_, i) => [`l${i}`, 'x']))
    const streams = [streamOf([[0, 'bad']], many), streamOf([[0, 'good']], { app: 'web' })]
    const answer = await send(loki, JSON.stringify({ streams }))
    expect(answer.text).toContain('has 16 label names; limit 15')
    expect(loki.stored).toBe(1)
  })
})

describe('the whole push is refused', () => {
  const good = streamOf([[0, 'good']], { app: 'web' })
  const cases = [
    ['a bad label name', JSON.stringify({ streams: [good, streamOf([[0, 'x']], { 'a-b': 'x' })] }), 400],
    ['half a character', pushOf([[0, 'good']]).replace('good', 'good\\ud800'), 400],
    ['a number as time', JSON.stringify({ streams: [good, { stream: { a: 'b' }, values: [[1, 'x']] }] }), 400],
    ['no streams', '{"streams":[]}', 422],
    ['no JSON', '{', 400],
    [
      'more than the rate lets through',
      pushOf(Array.from({ length: 40 }, () => [0, 'x'.repeat(200_000)] as const)),
      429,
    ],
  ] as const
  test.each(cases)('%s', async (_, body, status) => {
    await using loki = await LokiReceiver.open()
    const answer = await send(loki, body)
    expect(answer.status).toBe(status)
    expect(answer.headers['retry-after']).toBeUndefined()
    expect(loki.stored).toBe(0)
  })

  test('too large', async () => {
    await using loki = await LokiReceiver.open({ limits: { maxRequestBytes: 1000 } })
    const large = pushOf([[0, 'x'.repeat(2000)]])
    expect((await send(loki, large)).status).toBe(413)
    expect((await send(loki, gzipSync(large), { headers: { ...json, 'content-encoding': 'gzip' } })).status).toBe(413)
  })

  test('no snappy', async () => {
    await using loki = await LokiReceiver.open()
    expect((await send(loki, 'nonsense', { headers: { 'content-type': 'application/x-protobuf' } })).status).toBe(400)
  })
})

describe('who may push', () => {
  test('basic and bearer', async () => {
    await using basic = await LokiReceiver.open({ access: { kind: 'basic', user: 'u', password: 'p' } })
    expect((await send(basic, pushOf([[0, 'a']]))).status).toBe(401)
    const authorization = `Basic ${Buffer.from('u:p').toString('base64')}`
    expect((await send(basic, pushOf([[0, 'a']]), { headers: { ...json, authorization } })).status).toBe(204)
    await using bearer = await LokiReceiver.open({ access: { kind: 'bearer', token: 't' } })
    expect((await send(bearer, pushOf([[0, 'a']]), { headers: { ...json, authorization: 'Bearer t' } })).status).toBe(
      204,
    )
  })

  test('only with a client certificate', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'loki-'))
    makeCertificates(folder)
    await using loki = await LokiReceiver.open({ certificateFolder: folder })
    const read = (name: string) => readFileSync(join(folder, name))
    const without = new Agent({ connect: { ca: read('ca.pem') } })
    const dispatcher = new Agent({ connect: { ca: read('ca.pem'), cert: read('cert.pem'), key: read('key.pem') } })
    await expect(send(loki, pushOf([[0, 'a']]), { dispatcher: without })).rejects.toThrow()
    expect((await send(loki, pushOf([[0, 'a']]), { dispatcher })).status).toBe(204)
    await Promise.all([without.destroy(), dispatcher.destroy()])
    rmSync(folder, { recursive: true })
  })
})

describe('misbehaviour', () => {
  const body = pushOf([[0, 'a']])

  test('refuses connections, and comes back where it was', async () => {
    await using loki = await LokiReceiver.open()
    await loki.goDown()
    await expect(send(loki, body)).rejects.toThrow('ECONNREFUSED')
    await loki.comeBack()
    expect((await send(loki, body)).status).toBe(204)
  })

  test.each([
    ['cut request', 0],
    ['cut answer', 1],
    ['lose answer', 1],
  ] as const)('%s: stored are %i', async (kind, stored) => {
    await using loki = await LokiReceiver.open()
    loki.misbehave({ kind })
    await expect(send(loki, body)).rejects.toThrow()
    expect(loki.stored).toBe(stored)
    loki.behave()
    expect((await send(loki, body)).status).toBe(204)
  })

  test('gives the answers it is told to, then behaves', async () => {
    await using loki = await LokiReceiver.open()
    const answers = [
      { status: 429, headers: { 'retry-after': '1' } },
      { status: 503, text: 'no' },
    ]
    loki.misbehave({ kind: 'answers', answers: answers.values() })
    const [first, second, third] = [await send(loki, body), await send(loki, body), await send(loki, body)]
    expect([first.status, first.headers['retry-after'], second.text, third.status]).toEqual([429, '1', 'no\n', 204])
    expect(loki.stored).toBe(1)
    loki.misbehave({ kind: 'answers', answers: inTurn([{ status: 500 }]) })
    for (let i = 0; i < 3; i++) expect((await send(loki, body)).status).toBe(500)
  })

  test('is silent, or slow, until the sender has had enough; nothing is stored', async () => {
    await using loki = await LokiReceiver.open()
    for (const misbehaviour of [{ kind: 'silent' }, { kind: 'slow', bytesPerSecond: 1 }] as const) {
      loki.misbehave(misbehaviour)
      await expect(
        request(`${loki.url}/loki/api/v1/push`, {
          ...{ method: 'POST', headers: json, body, signal: AbortSignal.timeout(100) },
        }),
      ).rejects.toThrow()
    }
    await until('both are over', () => loki.counts.inFlight === 0)
    expect([loki.stored, loki.counts.pushes]).toEqual([0, 2])
  })
})
