import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sleep } from '../lib/wait.ts'
import { type EngineAddress, formatAddress } from './address.ts'
import { EngineUnreachable } from './engine-error.ts'

export type SshAddress = Extract<EngineAddress, { kind: 'ssh' }>

/** Limit for the ssh client to log in and open the tunnel. */
const openTimeoutMs = 30_000
const pollMs = 20

/**
 * An engine behind ssh: the ssh client forwards a local socket to the engine's. One ssh process for all streams; a session per stream, as
 * Docker's own client makes, would meet sshd's default limit of ten (MaxSessions).
 */
export class SshTunnel implements AsyncDisposable {
  readonly #remote: SshAddress
  readonly #folder = join(tmpdir(), `log-capturer-${randomUUID()}`)
  /** The local end. */
  readonly path = join(this.#folder, 'docker.sock')
  #child: ChildProcess | undefined

  constructor(remote: SshAddress) {
    this.#remote = remote
  }

  /** Opens the tunnel if it is not open, or no longer. @throws EngineUnreachable with what the ssh client said. */
  async ensure(signal: AbortSignal): Promise<void> {
    if (this.#child && isRunning(this.#child)) return
    await mkdir(this.#folder, { recursive: true, mode: 0o700 })
    await rm(this.path, { force: true })
    this.#child = start(this.#remote, this.path)
    try {
      await ready(this.#child, this.path, formatAddress(this.#remote), signal)
    } catch (error) {
      await end(this.#child)
      throw error
    }
  }

  /** Resolves when the ssh client has ended. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child) await end(this.#child)
    await rm(this.#folder, { recursive: true, force: true })
  }
}

function start(remote: SshAddress, path: string): ChildProcess {
  // BatchMode: nobody is there to type a password. The others: a tunnel that is dead ends instead of lingering.
  const settings = ['BatchMode=yes', 'ExitOnForwardFailure=yes', 'ServerAliveInterval=15', 'ServerAliveCountMax=3']
  const port = remote.port === undefined ? [] : ['-p', String(remote.port)]
  const forward = ['-L', `${path}:${remote.path}`, '--', remote.destination]
  return spawn('ssh', ['-N', '-T', ...settings.flatMap((setting) => ['-o', setting]), ...port, ...forward], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
}

/** Waits until the tunnel's local socket is there; the ssh client makes it after the log-in. */
async function ready(child: ChildProcess, path: string, shown: string, signal: AbortSignal): Promise<void> {
  const failed: { why?: string } = {}
  let said = ''
  child.stderr?.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-2_000)))
  child.once('error', (error) => (failed.why = error.message))
  child.once('close', () => (failed.why ??= said.trim() || 'the ssh client ended'))
  const deadline = performance.now() + openTimeoutMs
  while (!existsSync(path)) {
    if (failed.why === undefined && performance.now() > deadline)
      failed.why = `no tunnel after ${openTimeoutMs / 1000} s`
    if (failed.why !== undefined) {
      throw new EngineUnreachable(`cannot open a tunnel to ${shown}: ${failed.why}`, {
        hint: 'does `ssh` with this user and host log in without asking for anything?',
      })
    }
    await sleep(pollMs, signal)
  }
}

function isRunning(child: ChildProcess): boolean {
  return child.pid !== undefined && child.exitCode === null && child.signalCode === null
}

async function end(child: ChildProcess): Promise<void> {
  if (!isRunning(child)) return
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  await exited
}
