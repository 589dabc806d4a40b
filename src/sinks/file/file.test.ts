import { mkdirSync, renameSync, symlinkSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { zstdProblem } from './compression.ts'
import { file } from './file.ts'
import { maxOpenFiles } from './open-files.ts'
import { descriptors, SinkBench } from './testing.ts'

let bench: SinkBench
beforeEach(() => {
  bench = new SinkBench()
})
afterEach(() => bench[Symbol.dispose]())

const delivered = { status: 'delivered' }

test('lines of many containers go to their files, in order, and nothing stays open', async () => {
  const before = descriptors()
  const sink = await bench.open()
  const { line } = { line: bench.line.bind(bench) }
  const outcomes = await Promise.all([
    bench.send(sink, line('a1', 'a'), line('b1', 'b'), line('a2', 'a')),
    bench.send(sink, line('b2', 'b'), line('a3', 'a')),
  ])
  expect(outcomes).toEqual([delivered, delivered])
  await sink[Symbol.asyncDispose]()
  expect([bench.read('a.log'), bench.read('b.log')]).toEqual(['a1\na2\na3\n', 'b1\nb2\n'])
  expect(descriptors()).toBe(before)
})

test('a batch of lines that were all dropped is delivered, to no file', async () => {
  const sink = await bench.open()
  expect(await bench.send(sink, bench.line('x', 'app', { flags: 2 }))).toEqual(delivered)
  await sink[Symbol.asyncDispose]()
  mkdirSync(bench.logs, { recursive: true })
  expect(bench.names()).toEqual([])
})

test('lines go to the file of their own hour, in order', async () => {
  const sink = await bench.open({ path: `${bench.logs}/{date}/{hour}.log` })
  const at = Date.UTC(2026, 10, 23, 23, 59, 59) / 1000
  const times = [at, at + 1, at - 1, at + 2]
  await bench.send(sink, ...times.map((seconds, i) => bench.line(String(i), 'app', { seconds })))
  await sink[Symbol.asyncDispose]()
  expect([bench.read('2026-11-23/23.log'), bench.read('2026-11-24/00.log')]).toEqual(['0\n2\n', '1\n3\n'])
})

test('more containers than files may be open lose no line', async () => {
  const containers = maxOpenFiles + 300
  const before = descriptors()
  const sink = await bench.open()
  let most = 0
  for (let round = 0; round < 3; round++) {
    const sent = bench.send(sink, ...Array.from({ length: containers }, (_, i) => bench.line(String(round), `c${i}`)))
    const watch = setInterval(() => (most = Math.max(most, descriptors() - before)), 1)
    expect(await sent).toEqual(delivered)
    clearInterval(watch)
  }
  await sink[Symbol.asyncDispose]()
  // Besides the files: the journal, a folder on its way to the disk, the one that is being listed.
  expect(most).toBeLessThan(maxOpenFiles + 10)
  expect(bench.names()).toHaveLength(containers)
  expect(new Set(bench.names().map((name) => bench.read(name)))).toEqual(new Set(['0\n1\n2\n']))
  expect(descriptors()).toBe(before)
})

describe('a file that somebody else', () => {
  test('has renamed takes what is written until the next confirmation, then there is a new one', async () => {
    const sink = await bench.open()
    await bench.send(sink, bench.line('one'))
    renameSync(bench.path('app.log'), bench.path('app.log.old'))
    await bench.send(sink, bench.line('two'))
    await bench.send(sink, bench.line('three'))
    await sink[Symbol.asyncDispose]()
    expect([bench.read('app.log.old'), bench.read()]).toEqual(['one\ntwo\n', 'three\n'])
  })

  test('has deleted does not swallow the lines that come after', async () => {
    const sink = await bench.open()
    await bench.send(sink, bench.line('one', 'app'), bench.line('one', 'other'))
    unlinkSync(bench.path('app.log'))
    const reasons = await bench.deliver(sink, [bench.batch(bench.line('two', 'app'), bench.line('two', 'other'))])
    await sink[Symbol.asyncDispose]()
    expect(reasons).toEqual([expect.stringMatching(/^file deleted: .*app\.log: its last lines are written again/)])
    expect([bench.read(), bench.read('other.log')]).toEqual(['two\n', 'one\ntwo\n'])
  })

  test('has emptied is written on from its beginning, without a hole', async () => {
    const sink = await bench.open()
    await bench.send(sink, bench.line('one'))
    truncateSync(bench.path('app.log'), 0)
    await bench.send(sink, bench.line('two'))
    await bench.send(sink, bench.line('three'))
    await sink[Symbol.asyncDispose]()
    expect(bench.read()).toBe('two\nthree\n')
  })

  test('appends to as well keeps the lines of both', async () => {
    const sink = await bench.open()
    await bench.send(sink, bench.line('one'))
    writeFileSync(bench.path('app.log'), 'theirs\n', { flag: 'a' })
    await bench.send(sink, bench.line('two'))
    await sink[Symbol.asyncDispose]()
    expect(bench.read()).toBe('one\ntheirs\ntwo\n')
  })

  test('has linked elsewhere is written through the link', async () => {
    mkdirSync(bench.logs)
    symlinkSync(`${bench.folder}/elsewhere`, bench.path('app.log'))
    const sink = await bench.open()
    for (const text of ['one', 'two']) expect(await bench.send(sink, bench.line(text))).toEqual(delivered)
    await sink[Symbol.asyncDispose]()
    expect(bench.read('../elsewhere')).toBe('one\ntwo\n')
  })
})

describe('options', () => {
  const refused: [options: object, problem: RegExp][] = [
    [{}, /path/],
    [{ path: 'x', format: 'json' }, /format/],
    [{ path: '{nam}.log' }, /did you mean \{container\.name\}|there are/],
    [{ path: 'x', rotate: { size: '10 bananas' } }, /is no size/],
    [{ path: 'x', rotate: { size: 0 } }, /rotate/],
    [{ path: 'x', rotate: { every: '0s' } }, /rotate/],
    [{ path: 'x', sync_every: 'often' }, /is no time span/],
    [{ path: 'x', keep: { filez: 1 } }, /filez/],
  ]
  test.each(refused)('%j are refused', (options, problem) => {
    expect(JSON.stringify(file.options.safeParse(options).error?.issues)).toMatch(problem)
  })

  test('zstd is refused where Node does not have it, and only there', () => {
    const parsed = file.options.safeParse({ path: 'x', compress: 'zstd' })
    expect(parsed.error?.issues.map(({ message }) => message)).toEqual(
      zstdProblem() === undefined ? undefined : ['zstd needs Node 22.15 or later: use gzip, or a newer Node'],
    )
  })
})
