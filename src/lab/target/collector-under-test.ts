import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { codeOf } from '../../lib/error.ts'
import { HttpPool } from '../../lib/http-pool.ts'
import { ownFile } from '../../lib/own-files.ts'
import { Owned } from '../../lib/owned.ts'
import { linkSignals, sleep } from '../../lib/wait.ts'
import { LabError } from '../lab-error.ts'
import { portVariable } from '../probe/messages.ts'
import { ProbeClient } from '../probe/probe-client.ts'
import { freePort } from './free-port.ts'
import { Program } from './program.ts'
import type { Target } from './target.ts'

const main = fileURLToPath(ownFile('dist/bundle/log-capturer.js'))
const probe = ownFile('dist/lab/probe/probe.js').href

/** As bin/log-capturer starts it, and what the probe asks of Node. */
const startFlags = ['--max-semi-space-size=4', '--expose-gc', '--expose-internals', '--import', probe]
const startEnvironment = { MALLOC_MMAP_THRESHOLD_: '262144' }
const readyWithinMs = 60_000
const askAgainMs = 50
const maxHealthBytes = 1024 * 1024

export interface CollectorOptions {
  readonly engineHost: string
  /** Where it delivers to. */
  readonly receiverUrl: string
  /**
   * How long an idle connection to the engine, or to where it delivers, is kept: every rest waits for that. Nobody closes them from outside, which would hide those that leak.
   */
  readonly keepAliveMs: number
  /** Containers without this label are not collected; undefined: all are. */
  readonly label: string | undefined
}

/**
 * This very program as the one under test, in a process of its own: it collects from the engine of the lab and delivers to the lab. A probe within it reads what cannot be seen
 * from outside, and plants leaks where that is asked for.
 */
export async function openCollector(options: CollectorOptions): Promise<Target> {
  await using undo = new Owned()
  const folder = await mkdtemp(join(tmpdir(), 'log-capturer-soak-'))
  undo.defer(() => rm(folder, { recursive: true, force: true }))
  const port = await freePort()
  const config = join(folder, 'log-capturer.yaml')
  await writeFile(config, JSON.stringify(documentOf(options, { folder, port })))
  const program = undo.take(
    await Program.start({
      command: process.execPath,
      words: [...startFlags, main, 'run', '-c', config],
      env: { ...startEnvironment, [portVariable]: new URL(options.receiverUrl).port },
      hasChannel: true,
    }),
  )
  program.child.stdout?.resume()
  const owned = undo.move()
  return {
    name: 'log-capturer',
    pid: program.pid,
    longestTimerMs: options.keepAliveMs,
    metricsUrl: `http://127.0.0.1:${port}/metrics`,
    probe: new ProbeClient(program.child),
    ready: (signal) => untilReady(`http://127.0.0.1:${port}/health/ready`, program, signal),
    ended: () => program.ended(),
    [Symbol.asyncDispose]: () => owned[Symbol.asyncDispose](),
  }
}

function documentOf(
  options: CollectorOptions,
  { folder, port }: { readonly folder: string; readonly port: number },
): object {
  const { engineHost: host, receiverUrl: url, label, keepAliveMs } = options
  const include = label === undefined ? {} : { include: { labels: [label] } }
  return {
    data_dir: join(folder, 'state'),
    api: { listen: `127.0.0.1:${port}` },
    log: { level: 'warn' },
    sources: { engine: { type: 'docker', host, keep_alive: `${keepAliveMs}ms`, ...include } },
    sinks: { lab: { type: 'loki', inputs: ['engine'], url, keep_alive: `${keepAliveMs}ms` } },
  }
}

/** Asks until the answer is good. @throws LabError when the program has ended */
async function untilReady(url: string, program: Program, signal: AbortSignal): Promise<void> {
  using link = linkSignals(signal, AbortSignal.timeout(readyWithinMs))
  while (!(await isGood(url, link.signal))) {
    const end = program.ended()
    if (end !== undefined) throw new LabError(`the collector under test does not start: ${end}`)
    await sleep(askAgainMs, link.signal)
  }
}

async function isGood(url: string, signal: AbortSignal): Promise<boolean> {
  try {
    const { origin, pathname } = new URL(url)
    await using pool = new HttpPool({ origin, maxConnections: 1, idleTimeoutMs: 1, maxAnswerBytes: maxHealthBytes })
    return (await pool.request({ method: 'GET', path: pathname }, signal)).status === 200
  } catch (error) {
    signal.throwIfAborted()
    // Nobody listens yet.
    if (codeOf(error) === 'ECONNREFUSED') return false
    throw error
  }
}
