import { PassThrough, Writable } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Batch } from '../../batch/batch.ts'
import { type BuilderStream, BatchBuilder } from '../../batch/builder.ts'
import { lineFlags } from '../../batch/flags.ts'
import { createLog } from '../../telemetry/log.ts'
import { ConsoleSink } from './console-sink.ts'
import { visibleText } from '../../lib/visible-text.ts'

const log = createLog('silent')
const never = new AbortController().signal

interface Line {
  readonly name: string
  readonly stream?: 'stdout' | 'stderr'
  readonly text: string
  readonly flags?: number
}

function batchOf(lines: readonly Line[]): Batch {
  const sealed: Batch[] = []
  const builder = new BatchBuilder((batch) => sealed.push(batch))
  for (const line of lines) {
    const { columns, arena, count } = builder
    columns.origin[count] = builder.indexOf(streamOf(line))
    columns.start[count] = arena.used
    arena.used += arena.bytes.write(line.text, arena.used)
    columns.end[count] = arena.used
    columns.seconds[count] = 1_795_438_138
    columns.nanos[count] = 320_504_526
    columns.flags[count] = line.flags ?? 0
    builder.count += 1
  }
  builder.seal()
  return sealed[0]!
}

function streamOf({ name, stream = 'stdout' }: Line): BuilderStream {
  const container = { id: name, name, image: 'image' }
  return {
    origin: { key: `engine/${name}/${stream}`, stream, container, labels: {}, host: 'host' },
    cursor: () => ({ seconds: 0, nanos: 0, count: 0 }),
    batchId: 0,
    localIndex: 0,
  }
}

async function printed(lines: readonly Line[], { isColored = false } = {}): Promise<string> {
  const destination = new PassThrough()
  await using sink = new ConsoleSink({ destination, isColored, log })
  expect(await sink.send(batchOf(lines), never)).toEqual({ status: 'delivered' })
  return String(destination.read())
}

describe('console', () => {
  test('it prints time, container, stream and text, one below the other', async () => {
    const text = await printed([
      { name: 'shop-web-1', text: 'GET /' },
      { name: 'db', stream: 'stderr', text: 'slow query\r' },
      { name: 'db', text: 'out', flags: lineFlags.dropped },
      { name: 'db', text: 'long', flags: lineFlags.truncated | lineFlags.gapBefore },
    ])
    expect(text.split('\n')).toEqual([
      '2026-11-23T12:48:58.320Z shop-web-1 | GET /',
      '2026-11-23T12:48:58.320Z db         ! slow query',
      '2026-11-23T12:48:58.320Z db         | long [truncated, gap_before]',
      '',
    ])
  })

  test('a container has the same colour always, and others have others', async () => {
    const colorOf = async (name: string) =>
      /Z\x1b\[\d+m \x1b\[(\d+)m/.exec(await printed([{ name, text: '' }], { isColored: true }))?.[1]
    expect(await colorOf('web')).toBe(await colorOf('web'))
    const colors = await Promise.all(['web', 'db', 'api', 'worker', 'cache'].map(colorOf))
    expect(new Set(colors).size).toBeGreaterThan(2)
  })

  test('a destination that takes nothing holds the batch back until it does', async () => {
    const taken: (() => void)[] = []
    const destination = new Writable({ write: (_chunk, _encoding, done) => void taken.push(done) })
    await using sink = new ConsoleSink({ destination, isColored: false, log })
    let outcome: string | undefined
    const sent = sink.send(batchOf([{ name: 'a', text: 'x' }]), never).then(({ status }) => (outcome = status))
    await new Promise((resolve) => setImmediate(resolve))
    expect(outcome).toBeUndefined()
    taken[0]!()
    await sent
    expect(outcome).toBe('delivered')
  })

  test('a wait for the destination ends with its signal', async () => {
    const destination = new Writable({ write: () => undefined })
    await using sink = new ConsoleSink({ destination, isColored: false, log })
    const stop = new AbortController()
    const sent = sink.send(batchOf([{ name: 'a', text: 'x' }]), stop.signal)
    stop.abort(new Error('enough'))
    await expect(sent).rejects.toThrow('enough')
  })

  test.each([
    ['EPIPE', 'rejected'],
    ['EIO', 'retry'],
  ])('a write that fails with %s is %s', async (code, status) => {
    const failure = Object.assign(new Error('it failed'), { code })
    const destination = new Writable({ write: (_chunk, _encoding, done) => done(failure) })
    await using sink = new ConsoleSink({ destination, isColored: false, log })
    expect(await sink.send(batchOf([{ name: 'a', text: 'x' }]), never)).toMatchObject({ status })
  })
})

describe('visibleText', () => {
  test.each([
    ['tab\tand ümläut 日本 stay', 'tab\tand ümläut 日本 stay'],
    ['\x1b[2J\x07', '\\x1b[2J\\x07'],
    ['a\rb\0', 'a\\x0db\\x00'],
    ['\u009b31m', '\\x9b31m'],
    ['\u202eevil', '\\u202eevil'],
  ])('%j', (text, expected) => {
    expect(visibleText(text)).toBe(expected)
  })

  test('no text has a control character left but tabs', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(visibleText(text)).not.toMatch(/(?!\t)\p{Cc}/u)
      }),
    )
  })
})
