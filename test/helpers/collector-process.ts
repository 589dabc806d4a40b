import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { until } from './until.ts'

const program = new URL('../../bin/log-capturer', import.meta.url).pathname

/** The built program, as a user runs it. */
export class CollectorProcess implements AsyncDisposable {
  readonly child: ChildProcess
  stdout = ''
  stderr = ''

  constructor(words: readonly string[], options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {}) {
    this.child = spawn(process.execPath, [program, ...words], {
      ...options,
      env: options.env ?? process.env,
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    this.child.stdout?.on('data', (chunk: Buffer) => (this.stdout += chunk.toString()))
    this.child.stderr?.on('data', (chunk: Buffer) => (this.stderr += chunk.toString()))
  }

  /** Resolves when the program has said `text`, to either stream. */
  async says(text: string, withinMs = 20_000): Promise<void> {
    await until(`the program says "${text}"`, () => this.stdout.includes(text) || this.stderr.includes(text), {
      withinMs,
      seen: () => [this.stdout, this.stderr, this.child.exitCode],
    })
  }

  /** Sends a signal and waits for the end; gives the exit status, or the signal's name. */
  async end(signal: NodeJS.Signals): Promise<number | string> {
    this.child.kill(signal)
    return this.ended()
  }

  async ended(): Promise<number | string> {
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, 'close')
    return this.child.exitCode ?? this.child.signalCode ?? ''
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) await this.end('SIGKILL')
  }
}

/** Runs the program to its end. */
export async function runProgram(
  words: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv; input?: string } = {},
) {
  await using collector = new CollectorProcess(words, options)
  collector.child.stdin?.end(options.input ?? '')
  const status = await collector.ended()
  return { status, stdout: collector.stdout, stderr: collector.stderr }
}
