import { appendFileSync, mkdtempSync, readdirSync, rmSync, statSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { rowsOf } from '../../batch/row.ts'
import { BatchMaker } from '../../batch/testing.ts'
import { createLog } from '../../telemetry/log.ts'
import { createMetrics, type Metrics } from '../../telemetry/metrics.ts'
import { DeadLetters } from './dead-letters.ts'
import type { Letter } from './letter.ts'

let folder: string
let metrics: Metrics
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dead-letters-'))
  metrics = createMetrics()
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const openStore = (maxBytes = 2 ** 20, at = folder) =>
  DeadLetters.open({ folder: at, maxBytes, log: createLog('silent'), metrics, now: () => 1_795_000_000_000 })
const add = (letters: DeadLetters, sink: string, texts: readonly string[]) =>
  letters.add({
    sink,
    batch: new BatchMaker().batchOf(texts.map((text) => ({ text }))),
    rejections: [{ reason: 'bad', lines: 'all' }],
  })

async function listed(letters: DeadLetters): Promise<Letter[]> {
  const found = []
  for await (const letter of letters.list()) found.push(letter)
  return found
}

async function contents(letters: DeadLetters) {
  const found = []
  for await (const { id, sink, attempts } of letters.list()) {
    const { batch } = (await letters.read(id))!
    found.push({ id, sink, attempts, texts: rowsOf(batch).map(({ text }) => text) })
  }
  return found
}

const lastFile = () => join(folder, readdirSync(folder).sort().at(-1)!)

test('a letter has just the rejected lines, with their bytes, times, ordinals and origins', async () => {
  await using letters = await openStore()
  const raw = Buffer.from([0xff, 0x00, 0x0a])
  const batch = new BatchMaker().batchOf([
    { text: 'good', container: 'other' },
    { text: raw, container: 'app', stream: 'stderr', seconds: 7, nanos: 8, ordinal: 9, labels: { a: 'b' } },
    { text: 'dropped', flags: 2 },
  ])
  await letters.add({ sink: 'out', batch, rejections: [{ reason: 'odd', lines: [1, 2] }] })
  const [letter] = await listed(letters)
  expect(letter).toMatchObject({ sink: 'out', reason: 'odd', lines: 1, bytes: 3, attempts: 1 })
  const kept = (await letters.read(letter!.id))!.batch
  expect(rowsOf(kept)).toEqual([rowsOf(batch)[1]])
  expect(kept.bytes.subarray(kept.columns.start[0], kept.columns.end[0])).toEqual(raw)
  expect([kept.origins.length, kept.progress]).toEqual([1, []])
})

test('does what a list does, through reopening and torn ends', async () => {
  const step = fc.oneof(
    { weight: 5, arbitrary: fc.record({ do: fc.constant('add' as const), sink: fc.constantFrom('a', 'b') }) },
    {
      weight: 3,
      arbitrary: fc.record({ do: fc.constantFrom('remove' as const, 'replace' as const), which: fc.nat() }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant('removeAll' as const), sink: fc.constantFrom('a', undefined) }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('reopen' as const), torn: fc.uint8Array({ maxLength: 90 }) }) },
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const at = mkdtempSync(join(folder, 'run-'))
      let letters = await openStore(2 ** 16, at)
      let model: { id: string; sink: string; attempts: number; texts: string[] }[] = []
      const ids = new Set<string>()
      try {
        for (const [i, one] of steps.entries()) {
          if (one.do === 'add') {
            await add(letters, one.sink, [`line ${i}`])
            const { id } = (await listed(letters)).at(-1)!
            expect(ids.has(id)).toBe(false)
            ids.add(id)
            model.push({ id, sink: one.sink, attempts: 1, texts: [`line ${i}`] })
          } else if (one.do === 'removeAll') {
            const isGone = ({ sink }: { sink: string }) => one.sink === undefined || sink === one.sink
            expect(await letters.removeAll({ sink: one.sink })).toBe(model.filter(isGone).length)
            model = model.filter((letter) => !isGone(letter))
          } else if (one.do === 'reopen') {
            await letters[Symbol.asyncDispose]()
            const file = readdirSync(at).sort().at(-1)
            if (file !== undefined) appendFileSync(join(at, file), one.torn)
            letters = await openStore(2 ** 16, at)
          } else if (model.length > 0) {
            const [was] = model.splice(one.which % model.length, 1)
            if (one.do === 'remove') expect(await letters.remove([was!.id])).toBe(1)
            else {
              const { letter, batch } = (await letters.read(was!.id))!
              const id = (await letters.replace(letter, { batch, reason: 'again' }))!
              model.push({ ...was!, id, attempts: was!.attempts + 1 })
            }
            expect(await letters.read(was!.id)).toBeUndefined()
          }
          expect(await contents(letters)).toEqual(model)
          const lettersOf = [...letters.totals().values()].reduce((sum, total) => sum + total.letters, 0)
          expect(lettersOf).toBe(model.length)
        }
      } finally {
        await letters[Symbol.asyncDispose]()
      }
    }),
    { numRuns: 60 },
  )
})

test('cut anywhere in its last letter, the others are there, and it goes on', async () => {
  {
    await using letters = await openStore()
    await add(letters, 'out', ['one'])
  }
  const good = statSync(lastFile()).size
  {
    await using letters = await openStore()
    await add(letters, 'out', ['two'])
  }
  const whole = statSync(lastFile()).size
  for (let size = whole - 1; size > good; size -= 7) {
    truncateSync(lastFile(), size)
    const said: unknown[] = []
    const log = createLog('warn', { write: (line) => void said.push(JSON.parse(line)) })
    await using letters = await DeadLetters.open({ folder, maxBytes: 2 ** 20, log, metrics })
    expect(said).toMatchObject([{ bytes: size - good, path: lastFile() }])
    expect((await contents(letters)).map(({ texts }) => texts)).toEqual([['one']])
    expect(statSync(lastFile()).size).toBe(good)
    await add(letters, 'out', ['two'])
    expect((await contents(letters)).length).toBe(2)
  }
})

test('at the cap the oldest are dropped, and counted', async () => {
  await using letters = await openStore(20_000)
  for (let i = 0; i < 200; i++) await add(letters, 'out', [`line ${i}`, 'x'.repeat(100)])
  expect(letters.bytes).toBeLessThanOrEqual(20_000)
  expect(letters.bytes).toBeGreaterThan(15_000)
  const kept = await contents(letters)
  const dropped = (await metrics.deadLettersDropped.get()).values[0]!.value
  expect(kept.map(({ texts }) => texts[0])).toEqual(kept.map((_, i) => `line ${dropped + i}`))
  expect(kept.length + dropped).toBe(200)
})
