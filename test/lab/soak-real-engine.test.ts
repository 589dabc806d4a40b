import { beforeAll, expect, test } from 'vitest'
import { readRun } from '../../src/soak/read-run.ts'
import { ensureBuilt, RunningCommand } from '../helpers/command.ts'
import { describeWithEngine } from '../helpers/describe-with-engine.ts'
import { shellContainer, testImage } from '../helpers/engine-image.ts'
import { RealEngine } from '../helpers/real-engine.ts'
import { until } from '../helpers/until.ts'

describeWithEngine('the soak lab on a real engine', () => {
  beforeAll(ensureBuilt)

  test('does its work beside other containers, accounts for every line, and leaves nothing behind', async () => {
    await using engine = await RealEngine.open({ isDebug: true })
    await engine.client.run(shellContainer('echo soak#1#1; sleep 1000'), 'other')
    const words = [
      '--engine',
      engine.host,
      '--image',
      testImage,
      '--references',
      'exclusive-pool',
      '--cycles',
      '2',
      '--ops',
      '12',
      '--json',
    ]
    await using run = new RunningCommand(['soak', ...words], {}).readOutput()
    await until('the lab has ended', () => run.hasEnded, { withinMs: 120_000, seen: () => run.stderr })
    const record = readRun('the record', run.stdout)
    const [underTest, reference] = record.targets
    expect(underTest!.gates.filter(({ isMet }) => !isMet)).toEqual([])
    expect(underTest!.exposure).toMatchObject({ operations: 24, linesLost: 0, linesDoubled: 0 })
    expect(reference).toMatchObject({ name: 'exclusive-pool', role: 'reference' })
    expect(underTest!.resources.find(({ name }) => name === 'engine descriptors')!.floors[0]).toBeGreaterThan(0)
    // Two readings say nothing yet.
    expect(await run.status()).toBe(2)
    const left = await engine.client.get<{ Names: string[] }[]>('/containers/json?all=1')
    expect(left.map(({ Names }) => Names)).toEqual([['/other']])
  }, 150_000)
})
