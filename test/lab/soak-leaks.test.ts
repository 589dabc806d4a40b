import { beforeAll, expect, test } from 'vitest'
import { ensureBuilt } from '../helpers/command.ts'
import { outcomes, runWithinMs, seen, soak } from './run-soak.ts'

beforeAll(ensureBuilt)

test(
  'planted leaks of every kind are found, and named',
  async () => {
    const leaks = ['descriptors:40', 'sockets:40', 'timers:40', 'listeners:40', 'heap:4000']
    const words = leaks.flatMap((leak) => ['--inject-leak', leak])
    const run = (cycles: number) => soak(['--cycles', String(cycles), '--ops', '200', ...words])
    let result = await run(24)
    // A heap that rises evenly has few readings that stand for themselves: one run in some tens says that it takes more of them, and then it gets them.
    if (outcomes(result.underTest)['heap'] === 'not_enough_evidence') result = await run(40)
    expect(result.unmet, JSON.stringify(seen(result))).toEqual([])
    expect(result.status).toBe(1)
    expect(outcomes(result.underTest), JSON.stringify(seen(result))).toMatchObject({
      descriptors: 'leak',
      timers: 'leak',
      listeners: 'leak',
      // Its first 800 operations are warm-up: a program that is young still fills caches and compiles.
      heap: 'leak',
    })
    expect(outcomes(result.underTest)['threads']).not.toBe('leak')
    const named = result.underTest.survivors
    const has = (kind: string, what: RegExp, least: number) => {
      const amounts = named.filter((one) => one.kind === kind && what.test(one.what)).map(({ amount }) => amount)
      expect(
        amounts.reduce((sum, amount) => sum + amount, 0),
        JSON.stringify(named),
      ).toBeGreaterThanOrEqual(least)
    }
    // 20 cycles after the warm-up, 8 of each in a cycle; descriptors of the last two rests are too young to count.
    has('descriptor', /^\/dev\/null$/, 140)
    has('descriptor', /^tcp to 127\.0\.0\.1:\d+/, 140)
    has('timer', /plantedTimer/, 140)
    has('listener', /planted leak/, 140)
    has('heap', /plant\.js/, 1_000_000)
  },
  runWithinMs,
)
