import { describe, expect, test } from 'vitest'
import { postedLine } from '../../api/v1/posts.ts'
import type { Batch } from '../../batch/batch.ts'
import { rowsOf } from '../../batch/row.ts'
import type { SourceOutput } from '../../component/source.ts'
import { abortable, type Deferred, deferred } from '../../lib/wait.ts'
import { createLog } from '../../telemetry/log.ts'
import { createMetrics } from '../../telemetry/metrics.ts'
import { BodyReader } from './body-reader.ts'
import { PushSource } from './push-source.ts'
import { readLine } from './read-line.ts'
import { options } from './schema.ts'

const never = new AbortController().signal
const ndjson = { format: 'ndjson', container: undefined, stream: undefined } as const

describe('a line', () => {
  test.each([
    ['{"text":"a"}', 'a'],
    ['{"message":"a","time":"2026-11-27T10:00:00.5Z","stream":"stderr"}', 'a'],
    ['{"line":"a","container":"c","image":"i","host":"h","labels":{"x":"y"}}', 'a'],
    ['{"line":"a","level":"error"}', undefined],
    ['{"text":"a","message":"b"}', undefined],
    ['{"level":"error","code":5}', undefined],
  ])('%s', (json, text) => {
    expect(readLine(json)).toMatchObject({ text })
    expect(postedLine.safeParse(JSON.parse(json)).success).toBe(true)
  })

  test.each([
    ['{"text":', 'is no JSON'],
    ['"a"', 'is no JSON object'],
    ['[]', 'is no JSON object'],
    ['{}', 'has none of text, message and line'],
    ['{"container":"c"}', 'has none of text, message and line'],
    ['{"text":5}', 'text is no string'],
    ['{"text":"a","time":"yesterday"}', 'time is neither RFC 3339 nor seconds since 1970'],
    ['{"text":"a","time":1795773600000}', 'time is neither RFC 3339 nor seconds since 1970'],
    ['{"text":"a","stream":"x"}', 'stream is neither stdout nor stderr'],
    ['{"text":"a","container":5}', 'container is no string'],
    ['{"text":"a","labels":{"x":5}}', 'labels is no object of strings'],
  ])('%s: %s', (json, problem) => {
    expect(readLine(json)).toBe(problem)
  })

  test('seconds with a fraction are a time', () => {
    expect(readLine('{"text":"a","time":1795773600.25}')).toMatchObject({
      time: { seconds: 1_795_773_600, nanos: 250_000_000 },
    })
  })
})

describe('a body', () => {
  const rowsOfBody = (body: string | Buffer, post: Parameters<BodyReader['read']>[1] = ndjson) => {
    const read = new BodyReader({ source: 'posted', container: 'job' }).read(Buffer.from(body as string), post)
    if (read.kind === 'malformed') throw new Error(JSON.stringify(read))
    return read.batches.flatMap((batch) => rowsOf(batch))
  }

  test('lines in order, those without a time at times of their own', () => {
    const rows = rowsOfBody('{"text":"a"}\n\n{"text":"b","container":"other"}\n{"text":"a"}')
    expect(rows.map(({ text, origin }) => [text, origin.container.name])).toEqual([
      ['a', 'job'],
      ['b', 'other'],
      ['a', 'job'],
    ])
    expect(new Set(rows.map(({ seconds, nanos }) => `${seconds}.${nanos}`)).size).toBe(3)
  })

  test('equal times are numbered within a stream, from 0 in every body: a body that is sent again is the same', () => {
    const reader = new BodyReader({ source: 'posted', container: 'job' })
    const body = Buffer.from('{"text":"a","time":5}\n{"text":"b","time":5}\n{"text":"c","time":5,"stream":"stderr"}\n')
    const ordinals = () => {
      const read = reader.read(body, ndjson)
      return read.kind === 'lines' && read.batches.flatMap((batch) => rowsOf(batch)).map(({ ordinal }) => ordinal)
    }
    expect(ordinals()).toEqual([0, 1, 0])
    expect(ordinals()).toEqual([0, 1, 0])
  })

  test('streams differ in all that is said of them, and in nothing else', () => {
    const lines = ['{}', '{"container":"ab"}', '{"container":"a","image":"b"}', '{"host":"h"}', '{"stream":"stderr"}']
    const labels = ['{"labels":{"a":"1","b":"2"}}', '{"labels":{"b":"2","a":"1"}}', '{"labels":{"a":"1"}}', '{}']
    const body = [...lines, ...labels].map((line) => JSON.stringify({ text: 'x', ...(JSON.parse(line) as object) }))
    const origins = rowsOfBody(body.join('\n')).map(({ origin }) => origin)
    expect(new Set(origins).size).toBe(7)
    expect(new Set(origins.map(({ key }) => key)).size).toBe(7)
    expect(origins[6]).toBe(origins[5])
  })

  test('an object with further fields is the line, byte for byte', () => {
    const line = '{ "message":"a",  "user": 5, "container":"web" }'
    expect(rowsOfBody(`${line}\r\n`)[0]).toMatchObject({ text: line, origin: { container: { name: 'web' } } })
  })

  test('plain text: every byte, empty lines too', () => {
    const body = Buffer.from([0x61, 0xff, 0x0d, 0x0a, 0x0a, 0x62])
    const batches = new BodyReader({ source: 'posted', container: 'job' }).read(body, {
      ...ndjson,
      ...{ format: 'text', container: 'build', stream: 'stderr' },
    })
    if (batches.kind === 'malformed') throw new Error('it is text')
    const [batch] = batches.batches
    const { start, end } = batch!.columns
    const lines = [0, 1, 2].map((row) => [...batch!.bytes.subarray(start[row], end[row])])
    expect(lines).toEqual([[0x61, 0xff, 0x0d], [], [0x62]])
    expect(batch!.origins).toMatchObject([{ stream: 'stderr', container: { name: 'build' } }])
    expect(batch!.progress).toEqual([])
  })

  test('more lines than a batch has rows, and a line longer than an arena', () => {
    const many = Array.from({ length: 20_000 }, (_, i) => `{"text":"line ${i}"}`)
    expect(rowsOfBody(many.join('\n')).map(({ text }) => text)).toEqual(many.map((_, i) => `line ${i}`))
    const long = 'x'.repeat(3 << 20)
    expect(rowsOfBody(`{"text":"a"}\n{"text":"${long}"}`)[1]!.text).toBe(long)
  })

  test('bad lines are named, and nothing is taken', () => {
    const reader = new BodyReader({ source: 'posted', container: 'job' })
    const bad = reader.read(Buffer.from('{"text":"a"}\nnonsense\n{}\n'), ndjson)
    expect(bad).toEqual({
      ...{ kind: 'malformed', count: 2 },
      lines: [
        { line: 2, problem: 'is no JSON' },
        { line: 3, problem: 'has none of text, message and line' },
      ],
    })
    expect(
      reader.read(Buffer.concat([Buffer.from('{"text":"'), Buffer.from([0xff]), Buffer.from('"}')]), ndjson),
    ).toMatchObject({
      lines: [{ line: 1, problem: 'is no UTF-8' }],
    })
    expect(reader.read(Buffer.from('{"text":"b"}'), ndjson)).toMatchObject({ kind: 'lines', lines: 1 })
  })
})

/** What comes behind the source, as the test wants it. */
class Behind implements SourceOutput {
  hasRoom = true
  readonly asked: { readonly batch: Batch; readonly answer: Deferred<readonly string[]> }[] = []

  open(written: Parameters<typeof options.parse>[0] = {}): PushSource {
    return new PushSource(options.parse(written), {
      id: 'posted',
      log: createLog('silent'),
      metrics: createMetrics(),
      cursorOf: () => undefined,
      markPresent: () => undefined,
      markDestroyed: () => undefined,
      output: this,
    })
  }

  readonly #room = deferred()

  room(signal: AbortSignal): Promise<void> {
    return abortable(this.#room.promise, signal)
  }

  hurry(): never {
    throw new Error('whoever posts lines has them')
  }

  makeRoom(): void {
    this.hasRoom = true
    this.#room.resolve()
  }

  emit(): never {
    throw new Error('posted lines are delivered')
  }

  deliver(batch: Batch, signal: AbortSignal): Promise<readonly string[]> {
    const answer = deferred<readonly string[]>()
    signal.addEventListener('abort', () => answer.resolve(['disk']), { once: true })
    this.asked.push({ batch, answer })
    return answer.promise
  }
}

const post = (text: string, read: () => Promise<Buffer> = () => Promise.resolve(Buffer.from(text))) => ({
  ...ndjson,
  ...{ bytes: text.length, read },
})

describe('the source', () => {
  test('answers when what is behind has the lines, and not before', async () => {
    const behind = new Behind()
    await using source = behind.open()
    const outcome = source.receive(post('{"text":"a"}'), never)
    let isAnswered = false
    void outcome.then(() => (isAnswered = true))
    for (let i = 0; i < 10; i++) await Promise.resolve()
    expect([behind.asked.length, isAnswered]).toEqual([1, false])
    behind.asked[0]!.answer.resolve([])
    expect(await outcome).toEqual({ status: 'delivered', lines: 1 })
  })

  test('who waits too long is told what for', async () => {
    await using source = new Behind().open({ timeout: '1ms' })
    expect(await source.receive(post('{"text":"a"}'), never)).toMatchObject({
      status: 'unconfirmed',
      reason: expect.stringContaining('"disk"') as string,
    })
  })

  test('a body that does not come, and a client that has gone', async () => {
    await using source = new Behind().open({ timeout: '1ms' })
    const outcome = await source.receive(
      post('x', () => new Promise(() => undefined)),
      never,
    )
    expect(outcome).toMatchObject({ status: 'late' })
    await using patient = new Behind().open()
    const gone = new AbortController()
    const left = patient.receive(
      post('x', () => new Promise(() => undefined)),
      gone.signal,
    )
    gone.abort(new Error('gone'))
    expect(await left).toMatchObject({ status: 'late' })
  })

  test('nothing is read while a queue is full', async () => {
    const behind = new Behind()
    await using source = behind.open({ timeout: '20ms' })
    behind.hasRoom = false
    const unread = () => Promise.reject(new Error('it was read'))
    expect(await source.receive(post('x', unread), never)).toMatchObject({ status: 'busy' })
    const waiting = behind.open().receive(post('x'), never)
    behind.makeRoom()
    expect(await waiting).toMatchObject({ status: 'malformed' })
  })

  test('bodies at a time are bounded, and one is always let in', async () => {
    const behind = new Behind()
    await using source = behind.open({ memory: 10 })
    const body = deferred<Buffer>()
    const first = source.receive(
      post('{"text":"longer than memory"}', () => body.promise),
      never,
    )
    expect(await source.receive(post('{}'), never)).toMatchObject({ status: 'busy' })
    body.resolve(Buffer.from('nonsense'))
    expect(await first).toMatchObject({ status: 'malformed' })
    expect(await source.receive(post('{}'), never)).toMatchObject({ status: 'malformed' })
  })

  test('stopping it begins nothing more, and what was taken is still answered', async () => {
    const behind = new Behind()
    const source = behind.open()
    const stop = new AbortController()
    const running = source.run(stop.signal)
    const outcome = source.receive(post('{"text":"a"}'), never)
    for (let i = 0; i < 10; i++) await Promise.resolve()
    stop.abort()
    await running
    expect(await source.receive(post('{"text":"b"}'), never)).toMatchObject({ status: 'busy' })
    behind.asked[0]!.answer.resolve([])
    expect(await outcome).toMatchObject({ status: 'delivered' })
    await source[Symbol.asyncDispose]()
  })

  test('closing it answers who waits', async () => {
    const source = new Behind().open()
    const outcome = source.receive(post('{"text":"a"}'), never)
    for (let i = 0; i < 10; i++) await Promise.resolve()
    await source[Symbol.asyncDispose]()
    expect(await outcome).toMatchObject({ status: 'unconfirmed' })
  })
})
