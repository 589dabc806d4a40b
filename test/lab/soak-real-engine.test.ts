import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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
    await using restarts = new RestartOnDemand(engine)
    const words = [
      '--engine',
      engine.host,
      '--image',
      testImage,
      '--restart-engine',
      restarts.command,
      '--references',
      'exclusive-pool',
      // The restart comes in the fifth cycle, after the warm-up.
      '--cycles',
      '5',
      '--seed',
      '6',
      '--ops',
      '9',
      '--json',
    ]
    await using run = new RunningCommand(['soak', ...words], {}).readOutput()
    await until('the lab has ended', () => run.hasEnded, { withinMs: 120_000, seen: () => run.stderr })
    const record = readRun('the record', run.stdout)
    const [underTest, reference] = record.targets
    expect(underTest!.gates.filter(({ isMet }) => !isMet)).toEqual([])
    expect(underTest!.exposure).toMatchObject({ operations: 45, linesLost: 0, linesDoubled: 0 })
    expect(reference).toMatchObject({ name: 'exclusive-pool', role: 'reference' })
    expect(underTest!.resources.find(({ name }) => name === 'engine descriptors')!.floors[0]).toBeGreaterThan(0)
    expect(restarts.count).toBeGreaterThan(0)
    // Five readings say nothing yet.
    expect(await run.status()).toBe(2)
    const left = await engine.client.get<{ Names: string[] }[]>('/containers/json?all=1')
    expect(left.map(({ Names }) => Names)).toEqual([['/other']])
  }, 150_000)
})

/** Restarts an engine of this process whenever somebody runs a command. */
class RestartOnDemand implements AsyncDisposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'restart-'))
  readonly #wish = join(this.#folder, 'wish')
  readonly command = `mkdir "${this.#wish}"; while [ -e "${this.#wish}" ]; do sleep 0.05; done`
  readonly #timer: NodeJS.Timeout
  #restarting: Promise<void> | undefined
  count = 0

  constructor(engine: RealEngine) {
    this.#timer = setInterval(() => {
      if (existsSync(this.#wish)) this.#restarting ??= this.#restart(engine)
    }, 50)
  }

  async #restart(engine: RealEngine): Promise<void> {
    await engine.restart()
    this.count += 1
    rmSync(this.#wish, { recursive: true })
    this.#restarting = undefined
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer)
    await this.#restarting
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
