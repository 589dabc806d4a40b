import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { type NamedDescriptor, nameDescriptors } from '../../src/lab/proc/name-descriptors.ts'
import { readProcess } from '../../src/lab/proc/read-process.ts'
import {
  type ReadyLine,
  type ReferenceName,
  type ReferenceOptions,
  referenceCommand,
} from '../../src/lab/references/index.ts'
import { type Exposition, sumOf } from '../../src/lab/prometheus/parse.ts'
import { scrape } from '../../src/lab/prometheus/scrape.ts'
import { until } from '../helpers/until.ts'

const program = fileURLToPath(new URL('../../dist/lab/references/main.js', import.meta.url))

/** A reference collector in a process of its own, which ends with the test. */
export class RunningReference implements AsyncDisposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'log-capturer-'))
  readonly #child: ChildProcessByStdio<null, Readable, Readable>
  readonly #ended: Promise<unknown>
  #said = ''
  #ready: ReadyLine | undefined

  private constructor(name: ReferenceName, options: ReferenceOptions) {
    const [, ...words] = referenceCommand(name, { ...options, outputFile: this.#outputFile })
    this.#child = spawn(process.execPath, [program, ...words], { stdio: ['ignore', 'pipe', 'pipe'] })
    this.#ended = once(this.#child, 'exit')
    this.#child.stderr.on('data', (bytes: Buffer) => (this.#said += bytes.toString()))
    createInterface({ input: this.#child.stdout }).on('line', (line) => (this.#ready = JSON.parse(line) as ReadyLine))
  }

  static async open(name: ReferenceName, options: ReferenceOptions): Promise<RunningReference> {
    const reference = new RunningReference(name, options)
    await until('it says that it is ready', () => reference.#ready, { seen: () => reference.#said })
    return reference
  }

  get #outputFile(): string {
    return join(this.#folder, 'lines')
  }

  get pid(): number {
    return this.#ready!.pid
  }

  /** What it wrote to standard error. */
  get said(): string {
    return this.#said
  }

  sockets(): readonly NamedDescriptor[] {
    const descriptors = readProcess(this.pid)!.descriptors.filter(({ kind }) => kind === 'socket')
    return nameDescriptors(this.pid, descriptors)
  }

  metrics(): Promise<Exposition> {
    return scrape(this.#ready!.metrics, new AbortController().signal)
  }

  async metric(name: string): Promise<number> {
    return sumOf(await this.metrics(), name)!
  }

  /** The lines that it read. */
  texts(): string[] {
    return readFileSync(this.#outputFile, 'utf8').split('\n').slice(0, -1)
  }

  /** Its exit status after SIGTERM. */
  async end(): Promise<number | null> {
    this.#child.kill('SIGTERM')
    return this.status()
  }

  /** Its exit status, when it ends. */
  async status(): Promise<number | null> {
    await until('it has ended', () => this.#child.exitCode !== null || this.#child.signalCode !== null)
    return this.#child.exitCode
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#ended
    rmSync(this.#folder, { recursive: true })
  }
}
