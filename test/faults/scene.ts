import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Owned } from '../../src/lib/owned.ts'
import { sleep } from '../../src/lib/wait.ts'
import { SimulatedEngine } from '../../src/simulator/engine.ts'
import { SeededRandom } from '../../src/simulator/random.ts'
import { RunningCommand } from '../helpers/command.ts'
import { testImage } from '../helpers/engine-image.ts'
import { textsOf } from '../helpers/frames.ts'
import { RealEngine } from '../helpers/real-engine.ts'
import { until } from '../helpers/until.ts'
import { generousLimits } from '../receivers/loki/limits.ts'
import { LokiReceiver } from '../receivers/loki/loki-receiver.ts'
import { awkProgram, type LineShape, LineWriter, type Stream } from './lines.ts'
import type { Result, Row } from './row.ts'
import { Tally } from './tally.ts'

const never = new AbortController().signal
const bothStreams: readonly Stream[] = ['stdout', 'stderr']
/** Nothing has arrived for so long: what is missing will not come. */
const quietMs = 20_000

export interface Writers {
  readonly containers: number
  /** Of each stream. */
  readonly lines: number
  /** Between two pauses; without: full speed. */
  readonly paced?: { readonly burst: number; readonly pauseMs: number }
  readonly streams?: readonly Stream[]
  /** For the engine's create request. */
  readonly body?: object
}

export interface CollectorOptions {
  /** Of the sink `logs`, besides type, inputs and address. */
  readonly sink?: string
  readonly isToFiles?: boolean
  /** More sinks, a line each. */
  readonly more?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

/** A file system of its own for a part of the collector's state. */
export interface Disk {
  remount(options: string): void
  /** Takes all the room that is left, until `free`. */
  fill(): void
  free(): void
}

/** An engine with containers that write numbered lines, a collector, and a receiving end with an oracle. */
export class Scene implements AsyncDisposable {
  readonly seed: number
  readonly random: SeededRandom
  readonly folder: string
  readonly receiver: LokiReceiver
  readonly arrived: Tally
  readonly notes: string[] = []
  readonly #owned: Owned
  readonly #real: RealEngine | undefined
  readonly #simulated: SimulatedEngine | undefined
  readonly #writer: LineWriter
  readonly #shape: LineShape
  readonly #expected: Tally
  readonly #containers: string[] = []
  #options: CollectorOptions = {}
  #collector: RunningCommand | undefined
  #peakMegabytes = 0
  #exitStatus: number | null = 0

  private constructor(parts: {
    seed: number
    owned: Owned
    receiver: LokiReceiver
    arrived: Tally
    shape: LineShape
    real: RealEngine | undefined
    simulated: SimulatedEngine | undefined
  }) {
    const { seed, owned, receiver, arrived, shape, real, simulated } = parts
    this.seed = seed
    this.random = new SeededRandom(seed)
    this.folder = mkdtempSync(join(tmpdir(), 'faults-'))
    this.receiver = receiver
    this.arrived = arrived
    this.#owned = owned
    this.#real = real
    this.#simulated = simulated
    this.#shape = shape
    this.#writer = new LineWriter(shape)
    this.#expected = new Tally(shape)
    owned.defer(() => rmSync(this.folder, { recursive: true, force: true }))
    owned.defer(() => this.#collector?.[Symbol.asyncDispose]())
  }

  static async open(row: Row, seed: number): Promise<Scene> {
    await using owned = new Owned()
    const shape = { run: `r${seed}`, ...(row.padding ?? { minPaddingBytes: 30, spreadBytes: 60 }) }
    const arrived = new Tally(shape)
    const receiver = owned.take(
      await LokiReceiver.open({
        limits: { ...generousLimits, maxLineBytes: 4 * 1024 * 1024, maxMessageBytes: Number.POSITIVE_INFINITY },
        keep: 'counts',
        onStored: (_labels, { line, seconds, nanos }) =>
          arrived.take(line.toString(), (Math.imul(seconds, 31) + nanos) >>> 0),
      }),
    )
    const real = row.engine === 'real' ? owned.take(await RealEngine.open()) : undefined
    if (real && row.restore === 'live') await real.setLiveRestore(true)
    const socketPath = join(tmpdir(), `faults-${process.pid}-${seed}.sock`)
    const simulated = real ? undefined : owned.take(await SimulatedEngine.open({ listen: { socketPath } }, never))
    return new Scene({ ...{ seed, owned: owned.move(), receiver, arrived, shape }, ...{ real, simulated } })
  }

  get engine(): RealEngine {
    if (!this.#real) throw new Error('this row has no real engine')
    return this.#real
  }

  get simulated(): SimulatedEngine {
    if (!this.#simulated) throw new Error('this row has no simulated engine')
    return this.#simulated
  }

  get collector(): RunningCommand {
    if (!this.#collector) throw new Error('the collector has not been started')
    return this.#collector
  }

  get configuration(): string {
    return join(this.folder, 'log-capturer.yaml')
  }

  async pause(minMs: number, maxMs = minMs): Promise<void> {
    await sleep(minMs + this.random.next() * (maxMs - minMs), never)
  }

  /** Creates and starts containers. Their lines are expected, unless the engine's own log is the truth. */
  async write(writers: Writers, truth: 'written' | 'engine' = 'written'): Promise<string[]> {
    const { containers, lines, paced = { burst: 1, pauseMs: 0 }, streams = bothStreams, body } = writers
    const names = Array.from({ length: containers }, (_, i) => `w${this.#containers.length + i}`)
    this.#containers.push(...names)
    const ids: string[] = []
    for (const name of names) {
      const program = awkProgram(this.#shape, { container: name, lines, streams, ...paced })
      ids.push(await this.engine.client.create({ Image: testImage, Cmd: ['awk', program], ...body }, name))
      if (truth === 'written') for (const stream of streams) this.#expected.takeAll({ container: name, stream }, lines)
    }
    await Promise.all(ids.map((id) => this.engine.client.act(id, 'start')))
    return ids
  }

  /** Writes the next lines of a simulated container's streams. */
  writeSimulated(name: string, from: number, to: number): void {
    const container = from === 0 ? this.simulated.createContainer({ name }) : this.simulated.containers.get(name)
    if (from === 0) container.start()
    for (let number = from; number < to; number++) {
      for (const stream of bothStreams) {
        container.write(stream, `${this.#writer.text({ container: name, stream, number })}\n`)
      }
    }
    for (const stream of bothStreams) this.#expected.takeAll({ container: name, stream }, to)
  }

  /** What the engine has in its logs, when the containers have ended, is the truth. */
  async takeTruthOfEngine(ids: readonly string[]): Promise<void> {
    await Promise.all(ids.map((id) => this.engine.client.wait(id)))
    for (const id of ids) {
      for (const text of textsOf(await this.engine.client.logs(id))) this.#expected.take(text.replace(/\n$/, ''))
    }
    this.notes.push(`the engine has ${this.#expected.counts.lines} lines in the end`)
  }

  configure(options: CollectorOptions): void {
    this.#options = options
    const { sink = '', isToFiles = false, more = [] } = options
    const host = this.#real ? this.#real.host : this.simulated.host
    const logs = isToFiles
      ? `type: file, inputs: [engine], path: "${this.folder}/logs/{container.name}.{stream}.log", format: text`
      : `type: loki, inputs: [engine], url: "${this.receiver.url}"`
    writeFileSync(
      this.configuration,
      [
        `data_dir: ${this.folder}/state`,
        'api: { listen: off }',
        `sources: { engine: { type: docker, host: "${host}" } }`,
        'sinks:',
        ...[`logs: { ${logs}${sink && `, ${sink}`} }`, ...more].map((line) => `  ${line}`),
        '',
      ].join('\n'),
    )
  }

  async start(options?: CollectorOptions): Promise<void> {
    if (options) this.configure(options)
    this.#collector = new RunningCommand(['run', '-c', this.configuration], { env: this.#options.env ?? {} })
  }

  /** Starts it, and waits until it collects. */
  async startAndConnect(options?: CollectorOptions): Promise<void> {
    await this.start(options)
    await this.collector.said('connected to the engine')
  }

  /** Ends the collector with a signal, and waits. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    this.measure()
    this.collector.send(signal)
    const status = await this.collector.status()
    if (signal === 'SIGTERM' && status !== 0) this.#exitStatus = status
    await this.collector[Symbol.asyncDispose]()
  }

  /** Notes the collector's greatest resident size so far. */
  measure(): void {
    this.#peakMegabytes = Math.max(this.#peakMegabytes, peakOf(this.collector.id))
  }

  /** How many of the expected lines have arrived. */
  get missing(): number {
    return this.#expected.countLost(this.arrived)
  }

  /** Waits until everything has arrived, or nothing more comes. */
  async untilArrived(): Promise<void> {
    let [last, lastMs] = [-1, performance.now()]
    await until(
      'everything has arrived',
      () => {
        if (this.#options.isToFiles) this.#readFiles()
        const { lines } = this.arrived.counts
        if (lines !== last) [last, lastMs] = [lines, performance.now()]
        return this.missing === 0 || performance.now() - lastMs > quietMs
      },
      { withinMs: 300_000 },
    )
  }

  /** The end of a run: what can arrive has arrived, and the collector is stopped. */
  async finish(row: Row): Promise<Result> {
    // Before, a signal ends it as it ends any program.
    await this.collector.said('connected to the engine')
    await this.untilArrived()
    await this.end('SIGTERM')
    if (this.#options.isToFiles) this.#readFiles()
    const { doubled, doubledByOtherId, outOfOrder, altered } = this.arrived.counts
    return {
      ...{ row: row.name, seed: this.seed, lines: this.#expected.counts.lines, lost: this.missing },
      ...{ doubled, doubledByOtherId, outOfOrder, altered },
      ...{ peakMegabytes: Math.round(this.#peakMegabytes), exitStatus: this.#exitStatus, notes: this.notes },
    }
  }

  /** Keeps what the collector said last in a file that stays. @returns its path */
  keepLog(): string {
    const path = join(tmpdir(), `faults-${this.seed}.log`)
    writeFileSync(path, this.collector.stderr)
    return path
  }

  /** Runs the program to its end with the collector's configuration. */
  async command(...words: string[]): Promise<string> {
    // Not as a blocking call: the receiver lives in this process.
    await using running = new RunningCommand([...words, '-c', this.configuration], {}).readOutput()
    const status = await running.status()
    if (status !== 0) throw new Error(`${words.join(' ')} ended with ${status}: ${running.stderr}`)
    return running.stdout
  }

  /** A small file system of its own for a part of the collector's state. */
  mount(part: string, size: string): Disk {
    const path = join(this.folder, 'state', part)
    execFileSync('mkdir', ['-p', path])
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'faults', path])
    this.#owned.defer(() => void execFileSync('umount', ['-l', path]))
    const filler = join(path, 'filler')
    return {
      remount: (options) => void execFileSync('mount', ['-o', `remount,${options}`, path]),
      // Ends with an error when there is no room, which is what it is for.
      fill: () => void spawnSync('dd', ['if=/dev/zero', `of=${filler}`, 'bs=64k'], { stdio: 'ignore' }),
      free: () => rmSync(filler),
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#owned[Symbol.asyncDispose]()
  }

  /** Tells the oracle of the file sink's lines from where it was told last. */
  #readFiles(): void {
    const folder = join(this.folder, 'logs')
    if (!existsSync(folder)) return
    for (const name of readdirSync(folder)) {
      const bytes = readFileSync(join(folder, name))
      const from = this.#readUpTo.get(name) ?? 0
      const to = bytes.lastIndexOf(10) + 1
      if (to <= from) continue
      for (const text of bytes.toString('utf8', from, to - 1).split('\n')) this.arrived.take(text)
      this.#readUpTo.set(name, to)
    }
  }
  readonly #readUpTo = new Map<string, number>()
}

/** In MB, since the process began. */
function peakOf(processId: number): number {
  const status = readFileSync(`/proc/${processId}/status`, 'utf8')
  return (Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024) / 1e6
}
