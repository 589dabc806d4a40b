import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { until } from './until.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const program = `${root}bin/log-capturer`

/** Builds what the tests run, unless it is up to date. */
export function ensureBuilt(): void {
  const { status, stderr } = spawnSync(process.execPath, [`${root}scripts/ensure-built.mjs`], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`the program cannot be built: ${stderr}`)
}

export interface CommandOptions {
  readonly folder?: string
  readonly env?: Readonly<Record<string, string>>
  /** For standard input. */
  readonly input?: string
  /** Standard input is not ended: `type` goes on with it. */
  readonly staysOpen?: boolean
  /** A command that becomes the program: `sh -c 'exec "$0" "$@"'`. */
  readonly through?: readonly string[]
}

/** Runs the program to its end. */
export function command(words: readonly string[], { folder = root, env = {}, input = '' }: CommandOptions = {}) {
  const { status, stdout, stderr } = spawnSync(program, words, {
    cwd: folder,
    env: { ...process.env, ...env },
    input,
    encoding: 'utf8',
    timeout: 20_000,
  })
  return { status, stdout, stderr }
}

/** The program, running; killed at the end of the test if it has not ended by itself. */
export class RunningCommand implements AsyncDisposable {
  stdout = ''
  stderr = ''
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>
  readonly #ended: Promise<unknown>

  constructor(
    words: readonly string[],
    { folder, env = {}, input = '', staysOpen = false, through = [] }: CommandOptions,
  ) {
    const [file = program, ...rest] = [...through, program, ...words]
    this.#child = spawn(file, rest, {
      cwd: folder,
      env: { ...process.env, ...env },
      stdio: 'pipe',
    })
    this.#ended = once(this.#child, 'exit')
    this.#child.stderr.on('data', (bytes: Buffer) => (this.stderr += bytes.toString()))
    if (staysOpen) this.#child.stdin.write(input)
    else this.#child.stdin.end(input)
  }

  /** Until this is called nobody reads what the program prints. */
  readOutput(): this {
    this.#child.stdout.on('data', (bytes: Buffer) => (this.stdout += bytes.toString()))
    return this
  }

  /** For standard input, where it stays open. */
  type(text: string): void {
    this.#child.stdin.write(text)
  }

  send(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** The process id. */
  get id(): number {
    return this.#child.pid!
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null
  }

  async said(what: string): Promise<void> {
    await until(`the program says "${what}"`, () => this.stderr.includes(what) || this.stdout.includes(what), {
      seen: () => this.stdout + this.stderr,
    })
  }

  /** The exit status. */
  async status(): Promise<number | null> {
    await until('the program has ended', () => this.hasEnded, { withinMs: 20_000, seen: () => this.stderr })
    return this.#child.exitCode
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.hasEnded) this.#child.kill('SIGKILL')
    await this.#ended
    this.#child.stdout.destroy()
  }
}
