import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { until } from '../../../test/helpers/until.ts'
import { surplusOf } from './rotated-files.ts'
import { SinkBench } from './testing.ts'

let bench: SinkBench
beforeEach(() => {
  bench = new SinkBench()
})
afterEach(() => bench[Symbol.dispose]())

const delivered = { status: 'delivered' }
const contents = (name: string) =>
  name.endsWith('.gz') ? gunzipSync(readFileSync(bench.path(name))).toString() : bench.read(name)

describe('by size', () => {
  test('a line is never cut, and a longer one has a file of its own', async () => {
    const sink = await bench.open({ rotate: { size: 20 } })
    const texts = ['12345678', '12345678', '12345678', 'x'.repeat(50), 'end']
    await bench.send(sink, ...texts.map((text) => bench.line(text)))
    await sink[Symbol.asyncDispose]()
    const putAside = bench.putAside()
    expect(putAside.map(contents)).toEqual(['12345678\n12345678\n', '12345678\n', `${'x'.repeat(50)}\n`])
    expect(bench.read()).toBe('end\n')
    for (const name of putAside) expect(name).toMatch(/^app\.log\.\d{8}T\d{6}Z\.\d+$/)
  })

  test('any lines of any streams come out once, in order, in files that are not too long', async () => {
    const lines = fc.array(fc.record({ container: fc.constantFrom('a', 'b', 'c'), length: fc.nat({ max: 60 }) }), {
      minLength: 1,
      maxLength: 40,
    })
    await fc.assert(
      fc.asyncProperty(
        fc.array(lines, { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 1, max: 100 }),
        async (batches, size) => {
          using own = new SinkBench()
          const sink = await own.open({ rotate: { size }, sync_every: '0ms' })
          const sent: Record<string, string> = {}
          for (const batch of batches) {
            const made = batch.map(({ container, length }, i) => own.line(`${i}`.padStart(length, '.'), container))
            for (const { container, text } of made) sent[container!] = `${sent[container!] ?? ''}${text as string}\n`
            expect(await own.send(sink, ...made)).toEqual(delivered)
          }
          await sink[Symbol.asyncDispose]()
          for (const [container, text] of Object.entries(sent)) {
            const files = [...own.putAside(`${container}.log`), `${container}.log`].map((name) => own.read(name))
            expect(files.join('')).toBe(text)
            for (const file of files) if (file.length > size) expect(file.split('\n')).toHaveLength(2)
          }
        },
      ),
      { numRuns: 40 },
    )
  })
})

test('by time, a file that is old enough is put aside before more is written', async () => {
  const sink = await bench.open({ rotate: { every: '1ms' } })
  for (const text of ['one', 'two', 'three']) {
    expect(await bench.send(sink, bench.line(text))).toEqual(delivered)
    const written = Date.now()
    await until('a millisecond has passed', () => Date.now() > written + 1)
  }
  await sink[Symbol.asyncDispose]()
  expect([...bench.putAside(), 'app.log'].map(contents)).toEqual(['one\n', 'two\n', 'three\n'])
})

describe('files put aside', () => {
  test('are compressed, and as many kept as was said', async () => {
    const sink = await bench.open({ rotate: { size: 10 }, compress: 'gzip', keep: { files: 2 } })
    for (let i = 0; i < 6; i++) expect(await bench.send(sink, bench.line(`line ${i}...`))).toEqual(delivered)
    await until('the work is done', () => {
      const names = bench.putAside()
      return names.length === 2 && names.every((name) => name.endsWith('.gz'))
    })
    await sink[Symbol.asyncDispose]()
    expect(bench.putAside().map(contents)).toEqual(['line 3...\n', 'line 4...\n'])
    expect(bench.read()).toBe('line 5...\n')
  })

  test('are compressed by the next run where this one did not come to it', async () => {
    const sink = await bench.open({ rotate: { size: 10 } })
    for (let i = 0; i < 3; i++) await bench.send(sink, bench.line(`line ${i}...`))
    await sink[Symbol.asyncDispose]()
    const names = bench.putAside()
    writeFileSync(bench.path(`${names[0]!}.gz.part`), 'half of it')
    const next = await bench.open({ rotate: { size: 10 }, compress: 'gzip' })
    await until('both are compressed', () => bench.putAside().every((name) => name.endsWith('.gz')))
    await next[Symbol.asyncDispose]()
    expect(bench.putAside()).toEqual(names.map((name) => `${name}.gz`))
    expect(bench.putAside().map(contents)).toEqual(['line 0...\n', 'line 1...\n'])
  })

  test('are never written over, whatever was compressed within the same second by an earlier run', async () => {
    for (let run = 0; run < 4; run++) {
      const sink = await bench.open({ rotate: { size: 5 }, compress: 'gzip' }, `${bench.state}-${run}`)
      for (let i = 0; i < 3; i++) await bench.send(sink, bench.line(`${run}${i} padding`))
      await until('all are compressed', () => bench.putAside().every((name) => name.endsWith('.gz')))
      await sink[Symbol.asyncDispose]()
    }
    const texts = [...bench.putAside(), 'app.log'].map(contents)
    const sent = Array.from({ length: 12 }, (_, i) => `${Math.floor(i / 3)}${i % 3} padding\n`)
    expect(texts.sort()).toEqual(sent)
  })

  test('of others are left alone', async () => {
    mkdirSync(bench.logs)
    writeFileSync(bench.path('app.log.20200101T000000Z.1'), 'not ours')
    const sink = await bench.open({ rotate: { size: 10 }, keep: { files: 0 } })
    for (let i = 0; i < 3; i++) await bench.send(sink, bench.line(`line ${i}...`))
    await sink[Symbol.asyncDispose]()
    expect(bench.putAside()).toEqual(['app.log.20200101T000000Z.1'])
  })

  test('that somebody has deleted are not missed', async () => {
    const sink = await bench.open({ rotate: { size: 10 } })
    for (let i = 0; i < 3; i++) await bench.send(sink, bench.line(`line ${i}...`))
    await sink[Symbol.asyncDispose]()
    rmSync(bench.path(bench.putAside()[0]!))
    const next = await bench.open({ rotate: { size: 10 }, compress: 'gzip', keep: { files: 1 } })
    expect(await bench.send(next, bench.line('line 3...'))).toEqual(delivered)
    await until('the other is compressed', () => bench.putAside().every((name) => name.endsWith('.gz')))
    await next[Symbol.asyncDispose]()
    expect(bench.putAside().map(contents)).toEqual(['line 2...\n'])
  })

  test('are put aside again after a list that is damaged', async () => {
    mkdirSync(bench.state)
    writeFileSync(`${bench.state}/rotated.json`, '[{"base":')
    const sink = await bench.open({ rotate: { size: 10 } })
    for (let i = 0; i < 2; i++) expect(await bench.send(sink, bench.line(`line ${i}...`))).toEqual(delivered)
    await sink[Symbol.asyncDispose]()
    expect(bench.putAside()).toHaveLength(1)
  })

  test('lose nothing in a crash', async () => {
    const sink = await bench.open({ rotate: { size: 40 } })
    const lines = Array.from({ length: 10 }, (_, i) => bench.line(`line number ${i}`))
    await bench.send(sink, ...lines)
    cpSync(bench.state, `${bench.state}-crashed`, { recursive: true })
    const next = await bench.open({ rotate: { size: 40 } }, `${bench.state}-crashed`)
    expect(next.recovered?.map(({ cursor }) => cursor.nanos)).toEqual([lines.at(-1)!.nanos])
    await next[Symbol.asyncDispose]()
    await sink[Symbol.asyncDispose]()
    expect([...bench.putAside(), 'app.log'].map(contents).join('')).toBe(
      lines.map(({ text }) => `${text as string}\n`).join(''),
    )
  })
})

describe('which files have to go', () => {
  const file = (base: string, at: number, bytes = 10) => ({
    base,
    path: `${base}.${at}`,
    bytes,
    at,
    isCompressed: false,
  })
  const files = [file('a', 1), file('b', 2), file('a', 3), file('b', 4), file('a', 5, 25)]
  const nothing = { files: undefined, ageMs: undefined, totalBytes: undefined }
  const cases: [what: string, keep: Partial<typeof nothing | Record<keyof typeof nothing, number>>, gone: string[]][] =
    [
      ['none where nothing is said', {}, []],
      ['all but the newest of each path', { files: 1 }, ['a.1', 'b.2', 'a.3']],
      ['those that are older', { ageMs: 97 }, ['a.1', 'b.2']],
      ['the oldest of all paths together', { totalBytes: 45 }, ['a.1', 'b.2']],
      ['what any of the rules says', { files: 2, ageMs: 98, totalBytes: 1_000 }, ['a.1']],
    ]
  test.each(cases)('%s', (_what, keep, gone) => {
    const retention = { ...nothing, ...keep } as Parameters<typeof surplusOf>[1]
    expect(surplusOf(files, retention, 100).map(({ path }) => path)).toEqual(gone)
  })
})
