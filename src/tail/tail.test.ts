import { expect, test } from 'vitest'
import { lineFlags } from '../batch/flags.ts'
import { BatchMaker, type TestLine } from '../batch/testing.ts'
import type { TailSelection } from './line-selection.ts'
import { maxShownBytes, Tail } from './tail.ts'

const all: TailSelection = { container: [], include: [], exclude: [] }

function taken(selection: Partial<TailSelection>, lines: readonly TestLine[]): Tail {
  const tail = new Tail({ ...all, ...selection })
  tail.take('engine', new BatchMaker().batchOf(lines))
  return tail
}

const lines: readonly TestLine[] = [
  { text: 'GET /', container: 'web-1' },
  { text: 'GET /health', container: 'web-2' },
  { text: 'select 1', container: 'db', stream: 'stderr' },
  { text: 'taken out', container: 'db', flags: lineFlags.dropped },
]

test.each<[Partial<TailSelection>, string[]]>([
  [{}, ['GET /', 'GET /health', 'select 1']],
  [{ container: ['web-*'] }, ['GET /', 'GET /health']],
  [{ container: ['db', '*-1'] }, ['GET /', 'select 1']],
  [{ stream: 'stderr' }, ['select 1']],
  [{ include: ['GET', 'nowhere'] }, ['GET /', 'GET /health']],
  [{ exclude: ['health', 'select'] }, ['GET /']],
  [{ include: ['GET'], exclude: ['health'] }, ['GET /']],
])('%j: %j', async (selection, texts) => {
  using tail = taken(selection, lines)
  const group = await tail.next()
  expect(group.lines.map(({ text }) => text)).toEqual(texts)
  expect(group.skipped).toBe(0)
})

test('a line says where and when it was, and what was noted of it', async () => {
  using tail = taken({}, [
    { text: 'x', container: 'web', seconds: 1_795_000_000, nanos: 7, flags: lineFlags.gapBefore },
  ])
  expect((await tail.next()).lines).toEqual([
    {
      ...{ at: 'engine', time: '2026-11-18T11:06:40.000000007Z', container: 'web', containerId: 'web' },
      ...{ stream: 'stdout', text: 'x', flags: ['gap_before'] },
    },
  ])
})

test('a long line is cut, not within a character, and says how much is left out', async () => {
  const text = `${'x'.repeat(maxShownBytes - 1)}€ and more`
  using tail = taken({}, [{ text }, { text: Buffer.from([0xff, 0x00, 0x61]) }])
  const [long, odd] = (await tail.next()).lines
  expect(long).toMatchObject({ text: 'x'.repeat(maxShownBytes - 1), cutBytes: Buffer.byteLength('€ and more') })
  expect(odd!.text).toBe('\ufffd\0a')
})

test('a reader that does not come has a bounded number of lines waiting, and is told of the others', async () => {
  using tail = new Tail(all)
  const maker = new BatchMaker()
  for (let i = 0; i < 5; i++) tail.take('engine', maker.batchOf(Array.from({ length: 1_000 }, () => ({ text: 'x' }))))
  const group = await tail.next()
  expect([group.lines.length, group.skipped]).toEqual([2_000, 3_000])
  tail.take('engine', maker.batchOf([{ text: 'goes on' }]))
  expect(await tail.next()).toMatchObject({ lines: [{ text: 'goes on' }], skipped: 0 })
})

test('long lines count by their size', async () => {
  using tail = new Tail(all)
  const text = 'x'.repeat(maxShownBytes)
  for (let i = 0; i < 10; i++)
    tail.take('engine', new BatchMaker().batchOf(Array.from({ length: 10 }, () => ({ text }))))
  const group = await tail.next()
  expect([group.lines.length, group.skipped]).toEqual([64, 36])
})

test('waiting ends when the tail is disposed of', async () => {
  const tail = new Tail(all)
  const next = tail.next()
  tail[Symbol.dispose]()
  await expect(next).rejects.toThrow('nobody looks any more')
  await expect(tail.next()).rejects.toThrow('nobody looks any more')
})
