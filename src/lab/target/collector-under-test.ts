import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { request } from 'undici'
import { Owned } from '../../lib/owned.ts'
import { linkSignals, sleep } from '../../lib/wait.ts'
import { freePort } from './free-port.ts'
import { portVariable } from '../probe/messages.ts'
import { ProbeClient } from '../probe/probe-client.ts'
import type { Target } from './target.ts'

const main = fileURLToPath(new URL('../../cli/main.js', import.meta.url))
const probe = new URL('../probe/probe.js', import.meta.url).href

/** As bin/log-capturer starts it. */
const startFlags = ['--max-semi-space-size=4', '--import', probe]
const startEnvironment = { MALLOC_MMAP_THRESHOLD_: '262144' }
const endWithinMs = 15_000
const readyWithinMs = 60_000
const askAgainMs = 50

/**
 * This very program as the one under test, in a process of its own: it collects from the engine of the lab and delivers to the lab. A probe within it reads what cannot be seen
 * from outside, and plants leaks where that is asked for.
 */
export async function openCollector(engineHost: string, receiverUrl: string): Promise<Target> {
  await using undo = new Owned()
  const folder = await mkdtemp(join(tmpdir(), 'log-capturer-soak-'))
  undo.defer(() => rm(folder, { recursive: true, force: true }))
  const port = await freePort()
  const config = join(folder, 'log-capturer.yaml')
  await writeFile(config, JSON.stringify(documentOf({ folder, engineHost, receiverUrl, port })))
  const child = spawn(process.execPath, [...startFlags, main, 'run', '-c', config], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: { ...process.env, ...startEnvironment, [portVariable]: new URL(receiverUrl).port },
  })
  const said = tailOf(child)
  undo.defer(() => end(child))
  await once(child, 'spawn')
  const owned = undo.move()
  return {
    name: 'log-capturer',
    pid: child.pid!,
    metricsUrl: `http://127.0.0.1:${port}/metrics`,
    probe: new ProbeClient(child),
    ready: (signal) => untilReady(`http://127.0.0.1:${port}/health/ready`, () => endOf(child, said()), signal),
    ended: () => endOf(child, said()),
    [Symbol.asyncDispose]: () => owned[Symbol.asyncDispose](),
  }
}

interface Place {
  readonly folder: string
  readonly engineHost: string
  readonly receiverUrl: string
  readonly port: number
}

function documentOf({ folder, engineHost, receiverUrl, port }: Place): object {
  return {
    data_dir: join(folder, 'state'),
    api: { listen: `127.0.0.1:${port}` },
    log: { level: 'warn' },
    sources: { engine: { type: 'docker', host: engineHost } },
    sinks: { lab: { type: 'loki', inputs: ['engine'], url: receiverUrl } },
  }
}

/** Asks until the answer is good. Fails when the program has ended, or takes too long. */
async function untilReady(url: string, ended: () => string | undefined, signal: AbortSignal): Promise<void> {
  using link = linkSignals(signal, AbortSignal.timeout(readyWithinMs))
  while (!(await isGood(url, link.signal))) {
    const end = ended()
    if (end !== undefined) throw new Error(`the collector under test does not start: ${end}`)
    await sleep(askAgainMs, link.signal)
  }
}

async function isGood(url: string, signal: AbortSignal): Promise<boolean> {
  try {
    const { statusCode, body } = await request(url, { signal, reset: true })
    await body.dump()
    return statusCode === 200
  } catch (error) {
    signal.throwIfAborted()
    // Nobody listens yet.
    if ((error as NodeJS.ErrnoException).code === 'ECONNREFUSED') return false
    throw error
  }
}

/** The last of what it writes to standard error. */
function tailOf(child: ChildProcess): () => string {
  let tail = ''
  child.stderr?.on('data', (bytes: Buffer) => (tail = (tail + bytes.toString()).slice(-2_000)))
  return () => tail
}

function endOf({ exitCode, signalCode }: ChildProcess, said: string): string | undefined {
  if (exitCode === null && signalCode === null) return undefined
  return `it ended with ${signalCode ?? `status ${exitCode!}`}${said === '' ? '' : `, and its last words were\n${said}`}`
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), endWithinMs)
  await ended
  clearTimeout(timer)
}
