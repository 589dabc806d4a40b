import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { LabError } from '../lab-error.ts'

const endWithinMs = 15_000
const keptCharacters = 2_000

export interface ProgramOptions {
  readonly command: string
  readonly words: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** A channel between the two processes, for a probe. */
  readonly hasChannel?: boolean
}

/** A process that the lab starts and ends. */
export class Program implements AsyncDisposable {
  readonly child: ChildProcess
  #said = ''

  private constructor(child: ChildProcess) {
    this.child = child
    child.stderr?.on('data', (bytes: Buffer) => (this.#said = (this.#said + bytes.toString()).slice(-keptCharacters)))
  }

  /** @throws LabError when there is no such program */
  static async start({ command, words, env = {}, hasChannel = false }: ProgramOptions): Promise<Program> {
    const child = spawn(command, words, {
      stdio: hasChannel ? ['ignore', 'pipe', 'pipe', 'ipc'] : ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    })
    const program = new Program(child)
    try {
      await once(child, 'spawn')
    } catch (cause) {
      throw new LabError(`${command}: it cannot be started`, { cause, hint: 'is it installed, and in the PATH?' })
    }
    return program
  }

  get pid(): number {
    return this.child.pid!
  }

  /** How it ended, and its last words; undefined: it runs. */
  ended(): string | undefined {
    const { exitCode, signalCode } = this.child
    if (exitCode === null && signalCode === null) return undefined
    const said = this.#said.trim()
    return `it ended with ${signalCode ?? `status ${exitCode!}`}${said === '' ? '' : `, and its last words were\n${said}`}`
  }

  /** SIGTERM, and SIGKILL if that is not enough. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.ended() !== undefined) return
    const ended = once(this.child, 'exit')
    this.child.kill('SIGTERM')
    const timer = setTimeout(() => this.child.kill('SIGKILL'), endWithinMs)
    await ended
    clearTimeout(timer)
  }
}
