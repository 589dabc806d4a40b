import { mkdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { logFilePath } from '../src/log-file/list-files.ts'
import { SimulatedEngine } from '../src/simulator/engine.ts'
import { testImage } from '../test/helpers/engine-image.ts'
import { RealEngine } from '../test/helpers/real-engine.ts'
import { cpuSecondsOf } from './measure/process.ts'

export interface BenchContainer {
  readonly id: string
  /** Where its log is read from; the folder is there, the file is not. */
  readonly logPath: string
  start(): Promise<void>
  remove(): Promise<void>
}

/** An engine whose containers say nothing themselves: the bench puts their log files in place. */
export interface BenchEngine extends AsyncDisposable {
  readonly host: string
  readonly socketPath: string
  /** The containers' program runs on until they are removed, and it writes nothing. */
  create(name: string): Promise<BenchContainer>
  /** Since it began; undefined: it runs in the bench's own process. */
  cpuSeconds(): number | undefined
}

export async function openSimulatedEngine(folder: string, signal: AbortSignal): Promise<BenchEngine> {
  const socketPath = join(folder, 'engine.sock')
  const engine = await SimulatedEngine.open({ listen: { socketPath }, seed: 1, rootFolder: folder }, signal)
  return {
    host: engine.host,
    socketPath,
    create(name) {
      const container = engine.createContainer({ name })
      const logPath = logFilePath(folder, container.id)
      mkdirSync(dirname(logPath), { recursive: true })
      return Promise.resolve({
        id: container.id,
        logPath,
        async start() {
          container.start()
        },
        async remove() {
          container.remove({ isForced: true })
          rmSync(dirname(logPath), { recursive: true })
        },
      })
    },
    cpuSeconds: () => undefined,
    [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
  }
}

/** A private Docker engine. A log file that is there before a container's first start is kept, and read as its log. */
export async function openRealEngine(): Promise<BenchEngine> {
  const engine = await RealEngine.open()
  const { DockerRootDir } = await engine.client.get<{ DockerRootDir: string }>('/info')
  return {
    host: engine.host,
    socketPath: engine.socketPath,
    async create(name) {
      const id = await engine.client.create({ Image: testImage, Cmd: ['sleep', '3600'] }, name)
      return {
        id,
        logPath: logFilePath(DockerRootDir, id),
        start: () => engine.client.act(id, 'start'),
        remove: () => engine.client.remove(id),
      }
    },
    cpuSeconds: () => cpuSecondsOf(engine.daemonId),
    [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
  }
}
