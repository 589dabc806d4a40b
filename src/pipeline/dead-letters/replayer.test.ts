import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { until } from '../../../test/helpers/until.ts'
import { BatchMaker } from '../../batch/testing.ts'
import type { SendOutcome } from '../../component/sink.ts'
import { deferred } from '../../lib/wait.ts'
import { createLog } from '../../telemetry/log.ts'
import { createMetrics, type Metrics } from '../../telemetry/metrics.ts'
import { textsOf } from '../testing.ts'
import { DeadLetters } from './dead-letters.ts'
import { Replayer, type ReplayOrder } from './replayer.ts'

const log = createLog('silent')
const delivered: SendOutcome = { status: 'delivered' }
const rejecting = (lines: 'all' | readonly number[], reason = 'worse'): SendOutcome => ({
  status: 'rejected',
  rejections: [{ reason, lines }],
})

let folder: string
let metrics: Metrics
let letters: DeadLetters
/** What was sent, and what the sink answers: `delivered` where the test says nothing. */
let sent: string[][]
let answer: (texts: readonly string[], sink: string) => SendOutcome | undefined | Promise<SendOutcome>
let replayer: Replayer

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'replayer-'))
  metrics = createMetrics()
  letters = await DeadLetters.open({ folder, maxBytes: 2 ** 20, log, metrics })
  sent = []
  answer = () => delivered
  replayer = new Replayer({
    letters,
    send: async (sink, batch) => {
      const texts = textsOf(batch)
      sent.push(texts)
      return answer(texts, sink)
    },
    log,
    metrics,
    patienceMs: 3_000,
  })
})
afterEach(async () => {
  await replayer[Symbol.asyncDispose]()
  await letters[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

async function add(texts: readonly string[], sink = 'out'): Promise<string> {
  const batch = new BatchMaker().batchOf(texts.map((text) => ({ text })))
  await letters.add({ sink, batch, rejections: [{ reason: 'bad', lines: 'all' }] })
  return (await kept()).at(-1)!.id
}

async function kept() {
  const found = []
  for await (const { id, attempts, reason } of letters.list())
    found.push({ id, attempts, reason, texts: textsOf((await letters.read(id))!.batch) })
  return found
}

async function replay(which: ReplayOrder['letters'] = { all: true }, linesPerSecond = 1e6) {
  expect(replayer.start({ letters: which, linesPerSecond })).toBe(true)
  return until('the replay has ended', () => !replayer.state!.isRunning && replayer.state)
}

const replayed = async (result: string) =>
  (await metrics.deadLetterLinesReplayed.get()).values.find(({ labels }) => labels.result === result)?.value

test('what is delivered is removed, in order', async () => {
  for (const texts of [['1', '2'], ['3'], ['4']]) await add(texts)
  expect(await replay()).toMatchObject({ letters: 3, linesDelivered: 4, linesRejected: 0, failure: undefined })
  expect(sent).toEqual([['1', '2'], ['3'], ['4']])
  expect(await kept()).toEqual([])
  expect(await replayed('delivered')).toBe(4)
})

test('only those that were asked for are sent', async () => {
  const first = await add(['1'])
  await add(['2'], 'other')
  const third = await add(['3'])
  await replay({ sink: 'other' })
  expect(sent).toEqual([['2']])
  expect(await replay({ ids: [third, 'z-z', 'no id', third] })).toMatchObject({ letters: 1, missing: ['z-z', 'no id'] })
  expect(sent).toEqual([['2'], ['3']])
  expect((await kept()).map(({ id }) => id)).toEqual([first])
})

test('lines refused once more stay as one letter, and this replay does not send them again', async () => {
  await add(['1', '2', '3', '4'])
  await add(['5'])
  answer = (texts) =>
    texts.length === 1
      ? delivered
      : {
          status: 'rejected',
          rejections: [
            { reason: 'too late', lines: [3] },
            { reason: 'too long', lines: [0, 1] },
          ],
        }
  expect(await replay()).toMatchObject({ letters: 2, linesDelivered: 2, linesRejected: 3, failure: undefined })
  expect(sent).toHaveLength(2)
  expect(await kept()).toMatchObject([{ attempts: 2, reason: 'too late; too long', texts: ['1', '2', '4'] }])
  answer = () => rejecting('all')
  await replay()
  expect(await kept()).toMatchObject([{ attempts: 3, reason: 'worse', texts: ['1', '2', '4'] }])
  expect([await replayed('delivered'), await replayed('rejected')]).toEqual([2, 6])
})

test('a trouble that passes is waited for, as long as the destination asks', async () => {
  for (const text of ['1', '2', '3']) await add([text])
  let left = 3
  answer = ([text]) => (text === '2' && left-- > 0 ? { status: 'retry', reason: 'busy', afterMs: 20 } : delivered)
  expect(await replay()).toMatchObject({ letters: 3, linesDelivered: 3, trouble: undefined, failure: undefined })
  expect(sent).toEqual([['1'], ['2'], ['2'], ['2'], ['2'], ['3']])
  expect(await kept()).toEqual([])
})

test('while it waits it says why', async () => {
  await add(['1'])
  answer = () => ({ status: 'retry', reason: 'busy', afterMs: 100 })
  expect(replayer.start({ letters: { all: true }, linesPerSecond: 1e6 })).toBe(true)
  await until('it waits', () => replayer.state!.trouble !== undefined)
  expect(replayer.state).toMatchObject({ isRunning: true, trouble: 'busy' })
})

test('a destination is waited for as long as it asks, beyond the patience, and then asked once more', async () => {
  await add(['1'])
  const answers: SendOutcome[] = [{ status: 'retry', reason: 'busy', afterMs: 20 }]
  const impatient = new Replayer({
    letters,
    send: async () => answers.shift() ?? delivered,
    log,
    metrics,
    patienceMs: 1,
  })
  impatient.start({ letters: { all: true }, linesPerSecond: 1e6 })
  await until('the replay has ended', () => !impatient.state!.isRunning)
  expect(impatient.state).toMatchObject({ letters: 1, failure: undefined })
})

test('while the sink sends nothing at all, it says why', async () => {
  await add(['1'])
  const held = deferred<SendOutcome>()
  let trouble: string | undefined = 'refused connection'
  const waiting = new Replayer({ letters, send: () => held.promise, troubleOf: () => trouble, log, metrics })
  waiting.start({ letters: { all: true }, linesPerSecond: 1e6 })
  await until('it waits', () => waiting.state!.trouble === 'refused connection')
  trouble = undefined
  held.resolve(delivered)
  await until('the replay has ended', () => !waiting.state!.isRunning)
  expect(waiting.state).toMatchObject({ letters: 1, trouble: undefined, failure: undefined })
})

test('a trouble that lasts ends it, with nothing lost; the next replay goes on there', async () => {
  for (const text of ['1', '2', '3']) await add([text])
  answer = ([text]) => (text === '2' ? { status: 'retry', reason: 'away' } : delivered)
  expect(await replay()).toMatchObject({ letters: 1, failure: expect.stringContaining('away') as string })
  expect((await kept()).map(({ texts, attempts }) => [...texts, attempts])).toEqual([
    ['2', 1],
    ['3', 1],
  ])
  answer = () => delivered
  expect(await replay()).toMatchObject({ letters: 2, failure: undefined })
  expect(await kept()).toEqual([])
})

test('a send that throws ends it, too', async () => {
  await add(['1'])
  answer = () => Promise.reject(new Error('cannot open the sink'))
  expect(await replay()).toMatchObject({ letters: 0, failure: 'cannot open the sink' })
  expect(await kept()).toHaveLength(1)
})

test('letters without a sink stay, and the others are sent', async () => {
  await add(['1'], 'gone')
  await add(['2'])
  await add(['3'], 'gone')
  answer = (_, sink) => (sink === 'gone' ? undefined : delivered)
  const { withoutSink, letters: count } = await replay()
  expect([count, [...withoutSink]]).toEqual([1, [['gone', 2]]])
  expect((await kept()).map(({ texts }) => texts)).toEqual([['1'], ['3']])
})

test('a letter that is damaged on disk stays, and the others are sent', async () => {
  const damaged = await add(['to be damaged'])
  await add(['good'])
  const file = join(folder, readdirSync(folder)[0]!)
  const bytes = readFileSync(file)
  bytes[bytes.indexOf('to be damaged')]! ^= 1
  writeFileSync(file, bytes)
  expect(await replay()).toMatchObject({ letters: 1, damaged: [damaged], failure: undefined })
  expect(sent).toEqual([['good']])
})

test('one at a time; letters that come meanwhile wait for the next', async () => {
  await add(['1'])
  const held = deferred<SendOutcome>()
  answer = () => held.promise
  expect(replayer.start({ letters: { all: true }, linesPerSecond: 1 })).toBe(true)
  await until('it is sent', () => sent.length === 1)
  expect(replayer.start({ letters: { all: true }, linesPerSecond: 1 })).toBe(false)
  await add(['2'])
  held.resolve(delivered)
  await until('the replay has ended', () => !replayer.state!.isRunning)
  expect(sent).toEqual([['1']])
  expect((await kept()).map(({ texts }) => texts)).toEqual([['2']])
})

test('a letter is sent whole, and the next waits for the rate; closing ends the wait', async () => {
  await add(['1', '2', '3', '4'])
  await add(['5'])
  expect(replayer.start({ letters: { all: true }, linesPerSecond: 0.001 })).toBe(true)
  await until('the first is delivered', () => replayer.state!.letters === 1)
  await replayer[Symbol.asyncDispose]()
  expect(sent).toEqual([['1', '2', '3', '4']])
  expect(replayer.state).toMatchObject({ isRunning: false, failure: 'the collector stops' })
  expect((await kept()).map(({ texts }) => texts)).toEqual([['5']])
  sent.length = 0
  for (const text of ['6', '7', '8']) await add([text])
  const again = new Replayer({ letters, send: async () => delivered, log, metrics })
  again.start({ letters: { all: true }, linesPerSecond: 50 })
  await until('the replay has ended', () => !again.state!.isRunning)
  expect(await kept()).toEqual([])
})

test('when the disk does not take what is left of a letter, the letter stays whole', async () => {
  await add(['1', '2'])
  const failing = new Replayer({
    letters: {
      list: letters.list.bind(letters),
      read: letters.read.bind(letters),
      remove: letters.remove.bind(letters),
      replace: () => Promise.reject(new Error('no space left')),
    },
    send: async () => rejecting([1]),
    log,
    metrics,
  })
  failing.start({ letters: { all: true }, linesPerSecond: 1e6 })
  await until('the replay has ended', () => !failing.state!.isRunning)
  expect(failing.state!.failure).toContain('could not be removed: no space left')
  expect((await kept()).map(({ texts }) => texts)).toEqual([['1', '2']])
})
