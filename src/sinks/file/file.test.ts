import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
  cpSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { BatchMaker, type TestLine } from '../../batch/testing.ts'
import { compareCursors } from '../../batch/cursor.ts'
import type { SendOutcome, Sink } from '../../component/sink.ts'
import { createLog } from '../../telemetry/log.ts'
import { createMetrics } from '../../telemetry/metrics.ts'
import { file } from './file.ts'

const never = new AbortController().signal
let folder: string
let maker: BatchMaker
let nanos: number

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'file-sink-'))
  maker = new BatchMaker()
  nanos = 0
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

type Input = Partial<(typeof file.examples)[number]>

function open(options: Input, stateDir = join(folder, 'state')): Promise<Sink> {
  const context = { id: 'disk', stateDir, log: createLog('silent'), metrics: createMetrics(), signal: never }
  return file.open(
    file.options.parse({
      path: join(folder, 'logs', '{container.name}.log'),
      format: 'text',
      sync_every: '1ms',
      ...options,
    }),
    context,
  )
}

const line = (text: string, container = 'app'): TestLine => ({ text, container, nanos: ++nanos })

async function send(sink: Sink, ...lines: TestLine[]): Promise<SendOutcome> {
  const batch = maker.batchOf(lines)
  const outcome = await sink.send(batch, never)
  batch.release()
  return outcome
}

const read = (name = 'app.log') => readFileSync(join(folder, 'logs', name), 'utf8')
const names = () => readdirSync(join(folder, 'logs')).sort()
const descriptors = () => readdirSync('/proc/self/fd').length

test('lines of many containers go to their files, in order, and nothing stays open', async () => {
  const before = descriptors()
  const sink = await open({})
  const outcomes = await Promise.all([
    send(sink, line('a1', 'a'), line('b1', 'b'), line('a2', 'a')),
    send(sink, line('b2', 'b'), line('a3', 'a')),
  ])
  expect(outcomes).toEqual([{ status: 'delivered' }, { status: 'delivered' }])
  await sink[Symbol.asyncDispose]()
  expect([read('a.log'), read('b.log')]).toEqual(['a1\na2\na3\n', 'b1\nb2\n'])
  expect(descriptors()).toBe(before)
})

test('a thousand containers lose no line under the bound of open files', async () => {
  const sink = await open({})
  for (let round = 0; round < 3; round++) {
    await send(sink, ...Array.from({ length: 1_000 }, (_, i) => line(`${round}`, `c${i}`)))
    expect(descriptors()).toBeLessThan(600)
  }
  await sink[Symbol.asyncDispose]()
  expect(new Set(names().map((name) => read(name)))).toEqual(new Set(['0\n1\n2\n']))
  expect(names()).toHaveLength(1_000)
})

describe('rotation', () => {
  test('by size never cuts a line, and a longer line has a file of its own', async () => {
    const sink = await open({ rotate: { size: 20 } })
    await send(sink, line('12345678'), line('12345678'), line('12345678'), line('x'.repeat(50)), line('end'))
    await sink[Symbol.asyncDispose]()
    const rotated = names().filter((name) => name !== 'app.log')
    expect(rotated.map((name) => read(name))).toEqual(['12345678\n12345678\n', '12345678\n', `${'x'.repeat(50)}\n`])
    expect(read()).toBe('end\n')
    for (const name of rotated) expect(name).toMatch(/^app\.log\.\d{8}T\d{6}Z\.\d+$/)
  })

  test('compresses, and keeps as many as it is told', async () => {
    const sink = await open({ rotate: { size: 10 }, compress: 'gzip', keep: { files: 2 } })
    for (let i = 0; i < 6; i++) expect(await send(sink, line(`line ${i}...`))).toEqual({ status: 'delivered' })
    const contents = () =>
      names()
        .filter((name) => name !== 'app.log')
        .map((name) => (name.endsWith('.gz') ? gunzipSync(readFileSync(join(folder, 'logs', name))).toString() : name))
    await expect.poll(contents).toEqual(['line 3...\n', 'line 4...\n'])
    await sink[Symbol.asyncDispose]()
    expect(read()).toBe('line 5...\n')
  })

  test('leaves files of others alone', async () => {
    mkdirSync(join(folder, 'logs'))
    writeFileSync(join(folder, 'logs', 'app.log.20200101T000000Z.1'), 'not ours')
    const sink = await open({ rotate: { size: 10 }, keep: { files: 0 } })
    for (let i = 0; i < 3; i++) await send(sink, line(`line ${i}...`))
    await sink[Symbol.asyncDispose]()
    expect(names()).toEqual(['app.log', 'app.log.20200101T000000Z.1'])
  })

  test('by others is noticed', async () => {
    const sink = await open({})
    await send(sink, line('one'))
    renameSync(join(folder, 'logs', 'app.log'), join(folder, 'logs', 'app.log.old'))
    // The file that was renamed takes what is written until the next confirmation.
    await send(sink, line('two'))
    await send(sink, line('three'))
    await sink[Symbol.asyncDispose]()
    expect(read('app.log.old') + read()).toBe('one\ntwo\nthree\n')
    expect(read()).toBe('three\n')
  })
})

describe('a disk that cannot be written', () => {
  test('full: no half line, no double, and it goes on when there is room', async () => {
    mkdirSync(join(folder, 'logs'))
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', join(folder, 'logs')])
    try {
      const sink = await open({})
      writeFileSync(join(folder, 'logs', 'ballast'), 'x'.repeat(50_000))
      const sent: string[] = []
      const lines = (first: number) => Array.from({ length: 100 }, (_, i) => `${first + i} ${'y'.repeat(80)}`)
      const pending: TestLine[][] = []
      let outcome: SendOutcome = { status: 'delivered' }
      for (let first = 0; outcome.status === 'delivered'; first += 100) {
        const texts = lines(first)
        const tested = texts.map((text) => line(text))
        outcome = await send(sink, ...tested)
        if (outcome.status === 'delivered') sent.push(...texts)
        else pending.push(tested)
      }
      expect(outcome).toMatchObject({
        status: 'retry',
        reason: expect.stringMatching(/no space left on the disk \(ENOSPC\): .*app\.log/) as string,
      })
      expect(read()).toBe(sent.map((text) => `${text}\n`).join(''))
      rmSync(join(folder, 'logs', 'ballast'))
      for (const again of pending) expect(await send(sink, ...again)).toEqual({ status: 'delivered' })
      await sink[Symbol.asyncDispose]()
      expect(read()).toBe(
        [...sent, ...pending.flat().map(({ text }) => text as string)].map((text) => `${text}\n`).join(''),
      )
    } finally {
      execFileSync('umount', [join(folder, 'logs')])
    }
  })

  test('a file where the folder should be is named', async () => {
    writeFileSync(join(folder, 'logs'), '')
    const sink = await open({})
    expect(await send(sink, line('one'))).toMatchObject({
      status: 'retry',
      reason: expect.stringMatching(/EEXIST|a file stands where a folder should be/) as string,
    })
    rmSync(join(folder, 'logs'))
    expect(await send(sink, line('one'))).toEqual({ status: 'delivered' })
    await sink[Symbol.asyncDispose]()
    expect(read()).toBe('one\n')
  })

  test('batches behind one that failed wait for it', async () => {
    writeFileSync(join(folder, 'logs'), '')
    const sink = await open({})
    const outcomes = await Promise.all([send(sink, line('one')), send(sink, line('two'))])
    expect(outcomes.map(({ status }) => status)).toEqual(['retry', 'retry'])
    await sink[Symbol.asyncDispose]()
  })
})

describe('a crash', () => {
  /** What a collector does after a restart: everything after what the sink has recovered comes again. */
  async function sendRest(sink: Sink, lines: readonly TestLine[]): Promise<void> {
    const known = sink.recovered?.[0]?.cursor ?? { seconds: 0, nanos: 0, count: 0 }
    const rest = lines.filter(
      ({ nanos: at = 0 }) => compareCursors({ seconds: 1_795_000_000, nanos: at, count: 1 }, known) > 0,
    )
    if (rest.length > 0) expect(await send(sink, ...rest)).toEqual({ status: 'delivered' })
    await sink[Symbol.asyncDispose]()
  }

  test('at any byte of the data or the journal leaves every line once', async () => {
    const lines = Array.from({ length: 12 }, (_, i) => line(`line number ${i}`))
    const sink = await open({})
    for (let at = 0; at < lines.length; at += 3) await send(sink, ...lines.slice(at, at + 3))
    const whole = lines.map(({ text }) => `${text as string}\n`).join('')
    const data = join(folder, 'logs', 'app.log')
    const journal = readFileSync(join(folder, 'state', 'journal'))
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: journal.length }), fc.nat({ max: whole.length }), async (journalEnd, dataEnd) => {
        // Data comes after its intent: what the journal does not name was not written.
        const intents = journal.subarray(0, journalEnd).toString().split('\n').slice(0, -1)
        const promised = intents.reduce((end, text) => {
          const files = (JSON.parse(text.slice(9)) as { files: [string, number, number, number][] }).files
          return Math.max(end, ...files.map(([, , offset, length]) => offset + length))
        }, 0)
        truncateSync(data, 0)
        writeFileSync(data, whole.slice(0, Math.min(dataEnd, promised)), { flag: 'r+' })
        const state = mkdtempSync(join(folder, 'crashed-'))
        writeFileSync(join(state, 'journal'), journal.subarray(0, journalEnd))
        await sendRest(await open({}, state), lines)
        expect(read()).toBe(whole)
      }),
      { numRuns: 150 },
    )
    await sink[Symbol.asyncDispose]()
  })

  test('loses nothing of what was put aside', async () => {
    const lines = Array.from({ length: 10 }, (_, i) => line(`line number ${i}`))
    const sink = await open({ rotate: { size: 40 } })
    await send(sink, ...lines)
    cpSync(join(folder, 'state'), join(folder, 'crashed'), { recursive: true })
    await sendRest(await open({ rotate: { size: 40 } }, join(folder, 'crashed')), lines)
    await sink[Symbol.asyncDispose]()
    const all = names()
      .filter((name) => name !== 'app.log')
      .sort((a, b) => Number(a.split('.').at(-1)) - Number(b.split('.').at(-1)))
    expect([...all, 'app.log'].map((name) => read(name)).join('')).toBe(
      lines.map(({ text }) => `${text as string}\n`).join(''),
    )
  })

  test('a journal full of rubbish is passed over', async () => {
    mkdirSync(join(folder, 'state'))
    writeFileSync(join(folder, 'state', 'journal'), 'rubbish\n\0\xff{}\n12345678 {"at":1}\n')
    const sink = await open({})
    expect(sink.recovered).toEqual([])
    expect(await send(sink, line('one'))).toEqual({ status: 'delivered' })
    await sink[Symbol.asyncDispose]()
    expect(existsSync(join(folder, 'state', 'journal'))).toBe(true)
  })
})
