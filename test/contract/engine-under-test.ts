import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SimulatedEngine } from '../../src/simulator/engine.ts'
import type { EngineVersion } from '../../src/simulator/flavor.ts'
import type { Step } from '../../src/simulator/programs.ts'
import { EngineClient } from '../helpers/engine-client.ts'
import { testImage } from '../helpers/engine-image.ts'
import { RealEngine } from '../helpers/real-engine.ts'
import { shellCommand } from './shell.ts'

/** An engine as the contract sees it: the API, and what one can do to its daemon from outside. */
export interface EngineUnderTest extends AsyncDisposable {
  readonly client: EngineClient
  readonly socketPath: string
  readonly image: string
  /** The major number of the engine's version: 20 and 28 differ. */
  readonly major: number
  commandOf(steps: readonly Step[]): string[]
  start(): Promise<void>
  stop(): Promise<void>
  kill(): Promise<void>
  setLiveRestore(isLiveRestore: boolean): Promise<void>
}

export async function openReal(): Promise<EngineUnderTest> {
  const engine = await RealEngine.open()
  return {
    client: engine.client,
    socketPath: engine.socketPath,
    image: testImage,
    major: await majorOf(engine.client),
    commandOf: shellCommand,
    start: () => engine.start(),
    stop: () => engine.stop(),
    kill: () => engine.kill(),
    setLiveRestore: (isLiveRestore) => engine.setLiveRestore(isLiveRestore),
    [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
  }
}

export async function openSimulated(version: EngineVersion): Promise<EngineUnderTest> {
  const folder = await mkdtemp(join(tmpdir(), 'simulated-engine-'))
  const socketPath = join(folder, 'docker.sock')
  const engine = await SimulatedEngine.open({ listen: { socketPath }, version, seed: 1 }, AbortSignal.timeout(5_000))
  const client = new EngineClient({ socketPath })
  return {
    client,
    socketPath,
    image: 'simulated',
    major: await majorOf(client),
    commandOf: (steps) => ['sim', 'script', JSON.stringify(steps)],
    start: () => engine.start(),
    stop: () => engine.stop(),
    kill: () => engine.kill(),
    setLiveRestore: (isLiveRestore) => {
      engine.isLiveRestore = isLiveRestore
      return Promise.resolve()
    },
    async [Symbol.asyncDispose]() {
      await client[Symbol.asyncDispose]()
      await engine[Symbol.asyncDispose]()
      await rm(folder, { recursive: true })
    },
  }
}

async function majorOf(client: EngineClient): Promise<number> {
  const { Version } = await client.get<{ Version: string }>('/version')
  return Number.parseInt(Version)
}
