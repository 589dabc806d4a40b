import { expect, test } from 'vitest'
import { mergeByTime, type TailLines } from './merge-by-time.ts'
import type { TailLine } from './tail-line.ts'

const line = (text: string): TailLine => ({
  ...{ at: 'engine', container: text[0]!, containerId: text[0]!, stream: 'stdout', text },
  time: `2026-11-27T10:00:00.00000000${text[1]!}Z`,
})

/** Lines of one log, in the groups in which they come. */
async function* log(...groups: readonly string[][]): TailLines {
  for (const group of groups) yield await Promise.resolve(group.map(line))
}

async function merged(...logs: readonly TailLines[]): Promise<string[]> {
  const texts: string[] = []
  for await (const lines of mergeByTime(logs)) texts.push(...lines.map(({ text }) => text))
  return texts
}

test.each([
  ['nothing', [], []],
  ['one log', [[['a1'], [], ['a2']]], ['a1', 'a2']],
  ['in the order of time', [[['a1', 'a4']], [['b2'], ['b3', 'b5']]], ['a1', 'b2', 'b3', 'a4', 'b5']],
  ['empty logs', [[], [['b1']], [[]]], ['b1']],
  ['a log keeps its own order', [[['a3', 'a1', 'a4']], [['b2', 'b5']]], ['b2', 'a3', 'a1', 'a4', 'b5']],
  ['equal times by log', [[['a1', 'a2']], [['b1', 'b2']]], ['a1', 'b1', 'a2', 'b2']],
] as const)('%s', async (_, logs, texts) => {
  expect(await merged(...logs.map((groups) => log(...groups.map((group) => [...group]))))).toEqual(texts)
})

test('a log that cannot be read on ends all', async () => {
  async function* broken(): TailLines {
    yield [line('a1')]
    await Promise.resolve()
    throw new Error('the engine is gone')
  }
  await expect(merged(broken(), log(['b2']))).rejects.toThrow('the engine is gone')
})
