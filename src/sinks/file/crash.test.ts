import { cpSync, mkdirSync, readFileSync, symlinkSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { until } from '../../../test/helpers/until.ts'
import type { TestLine } from '../../batch/testing.ts'
import { descriptors, type Input, SinkBench } from './testing.ts'

let bench: SinkBench
beforeEach(() => {
  bench = new SinkBench()
})
afterEach(() => bench[Symbol.dispose]())

/** A run that went well: what was sent, and what it left. */
interface Run {
  readonly lines: readonly TestLine[]
  readonly options: Input
  readonly journal: Buffer
  readonly files: ReadonlyMap<string, Buffer>
}

interface Intents {
  readonly mark?: string
  readonly files?: readonly [path: string, inode: number, offset: number, length: number][]
}

async function record(batches: readonly TestLine[][], options: Input): Promise<Run> {
  const sink = await bench.open(options)
  const outcomes = batches.map((lines) => bench.send(sink, ...lines))
  await sink[Symbol.asyncDispose]()
  expect(new Set((await Promise.all(outcomes)).map(({ status }) => status))).toEqual(new Set(['delivered']))
  const files = new Map(bench.names().map((name) => [bench.path(name), readFileSync(bench.path(name))]))
  return { lines: batches.flat(), options, journal: readFileSync(`${bench.state}/journal`), files }
}

/**
 * Puts the files into a state in which a SIGKILL may have left them when `journalEnd` bytes of the journal were written: every write before
 * the last record is whole; of the last one's files each has any part, unless the next record was begun already.
 */
function crash({ journal, files }: Run, journalEnd: number, parts: readonly number[]): Buffer {
  const left = journal.subarray(0, journalEnd)
  const records = left.toString().split('\n')
  const isNextBegun = records.pop() !== ''
  const ends = new Map<string, number>()
  for (const [i, text] of records.entries()) {
    const { files: intents = [] } = JSON.parse(text.slice(9)) as Intents
    const isLast = i === records.length - 1 && !isNextBegun
    for (const [k, [path, , offset, length]] of intents.entries())
      ends.set(path, offset + Math.floor(length * (isLast ? parts[k % parts.length]! : 1)))
  }
  for (const [path, bytes] of files) {
    // In place: the journal knows files by their inodes.
    truncateSync(path, 0)
    writeFileSync(path, bytes.subarray(0, ends.get(path) ?? 0), { flag: 'r+' })
  }
  return left
}

/** What a collector does after a restart: everything after what the sink has recovered comes again. */
async function goOn({ lines, options }: Run, journal: Buffer): Promise<void> {
  writeFileSync(`${bench.state}/journal`, journal)
  const sink = await bench.open({ ...options, sync_every: '0ms' })
  const known = new Map(sink.recovered?.map(({ key, cursor }) => [key, cursor.nanos]))
  const rest = lines.filter(({ container, nanos }) => nanos! > (known.get(`engine/${container!}/stdout`) ?? 0))
  if (rest.length > 0) expect(await bench.deliver(sink, [bench.batch(...rest)])).toEqual([])
  await sink[Symbol.asyncDispose]()
}

function expectWhole({ files }: Run): void {
  for (const [path, bytes] of files) expect(readFileSync(path, 'utf8'), path).toBe(bytes.toString())
}

function recordEnds(journal: Buffer): number[] {
  return [0, ...[...journal.entries()].filter(([, byte]) => byte === 10).map(([at]) => at + 1)]
}

/** Batches with lines of some of the containers each. */
function batchesOf(count: number, containers: number, linesEach: number): TestLine[][] {
  return Array.from({ length: count }, (_, number) =>
    Array.from({ length: linesEach }, (_, i) =>
      bench.line(`batch ${number} line ${i}`, `c${(i * 7 + number * 3) % containers}`),
    ),
  )
}

describe('a crash at any moment leaves every line once, in order', () => {
  const kinds: [what: string, shape: [batches: number, containers: number, lines: number], options: Input][] = [
    ['one file, each batch confirmed', [8, 1, 3], { sync_every: '0ms' }],
    ['one file, batches confirmed together', [20, 1, 2], { sync_every: '10m' }],
    ['several files', [20, 5, 9], { sync_every: '10m' }],
    ['more files than are written at once', [3, 300, 400], { sync_every: '10m' }],
    ['NDJSON', [10, 4, 8], { sync_every: '10m', format: 'ndjson' }],
  ]
  test.each(kinds)('%s', async (_what, [batches, containers, lines], options) => {
    const before = descriptors()
    const run = await record(batchesOf(batches, containers, lines), options)
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.nat({ max: run.journal.length }), fc.constantFrom(...recordEnds(run.journal))),
        fc.array(fc.oneof(fc.constantFrom(0, 1), fc.double({ min: 0, max: 1, noNaN: true })), {
          minLength: 1,
          maxLength: 5,
        }),
        async (journalEnd, parts) => {
          await goOn(run, crash(run, journalEnd, parts))
          expectWhole(run)
        },
      ),
      { numRuns: containers > 100 ? 20 : 80 },
    )
    expect(descriptors()).toBe(before)
  })

  test('and between any two records', async () => {
    const run = await record(batchesOf(12, 3, 6), { sync_every: '10m' })
    for (const at of recordEnds(run.journal)) {
      for (const part of [0, 0.5, 1]) {
        await goOn(run, crash(run, at, [part, 0, 1]))
        expectWhole(run)
      }
    }
  })

  test('and after a write that was taken back and tried again', async () => {
    mkdirSync(bench.logs)
    symlinkSync('/dev/full', bench.path('odd.log'))
    const sink = await bench.open({ sync_every: '10m' })
    const [first, second] = [bench.line('first'), bench.line('second')]
    const failed = await Promise.all([bench.send(sink, first), bench.send(sink, second, bench.line('odd', 'odd'))])
    expect(failed.map(({ status }) => status)).toEqual(['retry', 'retry'])
    expect(bench.read()).toBe('')
    const again = bench.send(sink, first)
    await until('it is written', () => bench.read() !== '')
    cpSync(bench.state, `${bench.state}-crashed`, { recursive: true })
    const next = await bench.open({}, `${bench.state}-crashed`)
    expect(next.recovered).toEqual([
      { key: 'engine/app/stdout', cursor: { seconds: 1_795_000_000, nanos: first.nanos, count: 1 } },
    ])
    expect(await bench.send(next, second)).toEqual({ status: 'delivered' })
    await next[Symbol.asyncDispose]()
    await sink[Symbol.asyncDispose]()
    await again
    expect(bench.read()).toBe('first\nsecond\n')
  })
})

describe('the journal', () => {
  test('that is full of rubbish is passed over', async () => {
    mkdirSync(bench.state)
    writeFileSync(`${bench.state}/journal`, 'rubbish\n\0\xff{}\n12345678 {"at":1}\n')
    const sink = await bench.open()
    expect(sink.recovered).toEqual([])
    expect(await bench.send(sink, bench.line('one'))).toEqual({ status: 'delivered' })
    await sink[Symbol.asyncDispose]()
    expect(bench.read()).toBe('one\n')
  })

  test('with any byte changed is opened all the same', async () => {
    const run = await record(batchesOf(6, 2, 3), { sync_every: '10m' })
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: run.journal.length - 1 }),
        fc.integer({ min: 1, max: 255 }),
        async (at, change) => {
          const journal = Buffer.from(run.journal)
          journal[at]! ^= change
          writeFileSync(`${bench.state}/journal`, journal)
          const sink = await bench.open(run.options)
          expect(sink.recovered!.length).toBeLessThanOrEqual(2)
          await sink[Symbol.asyncDispose]()
          expectWhole(run)
        },
      ),
      { numRuns: 60 },
    )
  })

  test('believes nothing that was taken back, though the file is another one by now', async () => {
    mkdirSync(bench.logs)
    symlinkSync('/dev/full', bench.path('odd.log'))
    const sink = await bench.open()
    expect(await bench.send(sink, bench.line('odd', 'odd'))).toMatchObject({ status: 'retry' })
    unlinkSync(bench.path('odd.log'))
    cpSync(bench.state, `${bench.state}-crashed`, { recursive: true })
    const next = await bench.open({}, `${bench.state}-crashed`)
    expect(next.recovered).toEqual([])
    await next[Symbol.asyncDispose]()
    await sink[Symbol.asyncDispose]()
  })

  test('takes nothing back that was confirmed, whatever became of the files since', async () => {
    const sink = await bench.open()
    await bench.send(sink, bench.line('one', 'a'), bench.line('one', 'b'))
    const journal = readFileSync(`${bench.state}/journal`)
    truncateSync(bench.path('a.log'), 0)
    const next = await bench.open({}, `${bench.state}-crashed`)
    await next[Symbol.asyncDispose]()
    writeFileSync(`${bench.state}-crashed/journal`, journal)
    const again = await bench.open({}, `${bench.state}-crashed`)
    expect(again.recovered).toHaveLength(2)
    expect(bench.read('b.log')).toBe('one\n')
    await again[Symbol.asyncDispose]()
    await sink[Symbol.asyncDispose]()
  })
})
