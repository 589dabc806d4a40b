import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '../../src/lab/target/free-port.ts'
import { Program } from '../../src/lab/target/program.ts'
import { sleep } from '../../src/lib/wait.ts'

export interface CollectorSettings {
  /** Where the program lies: this project, or what it is compared with. */
  readonly root: string
  readonly folder: string
  readonly engineHost: string
  readonly read: 'files' | 'api'
  readonly transforms?: Readonly<Record<string, object>>
  /** The sink's options without its inputs. */
  readonly sink: object
}

export interface Collector extends AsyncDisposable {
  readonly pid: number
  readonly stateFolder: string
  /** Resolves when it has connected to the engine. */
  ready(signal: AbortSignal): Promise<void>
}

const askAgainMs = 20

/** The program as users run it, with a state of its own. */
export async function openCollector(settings: CollectorSettings): Promise<Collector> {
  const { root, folder, engineHost: host, read, transforms = {}, sink } = settings
  const port = await freePort()
  const stateFolder = join(folder, 'state')
  mkdirSync(folder, { recursive: true })
  const config = join(folder, 'log-capturer.yaml')
  const inputs = Object.keys(transforms)
  const document = {
    data_dir: stateFolder,
    api: { listen: `127.0.0.1:${port}` },
    log: { level: 'warn' },
    sources: { engine: { type: 'docker', host, ...(read === 'files' ? {} : { read }) } },
    transforms,
    sinks: { sink: { inputs: inputs.length > 0 ? inputs : ['engine'], ...sink } },
  }
  writeFileSync(config, JSON.stringify(document))
  const program = await Program.start({ command: join(root, 'bin/log-capturer'), words: ['run', '-c', config] })
  program.child.stdout?.resume()
  return {
    pid: program.pid,
    stateFolder,
    async ready(signal) {
      while (!(await isReady(port))) {
        const end = program.ended()
        if (end !== undefined) throw new Error(`the collector does not start: ${end}`)
        await sleep(askAgainMs, signal)
      }
    },
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  }
}

async function isReady(port: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${port}/health/ready`)).ok
  } catch {
    return false // Nobody listens yet.
  }
}
