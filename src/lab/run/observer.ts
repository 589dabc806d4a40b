import { messageOf } from '../../lib/error.ts'
import { isAbortOf, sleep } from '../../lib/wait.ts'
import type { Survivor } from '../../soak/run-record.ts'
import type { Tally } from '../delivery/tally.ts'
import type { EngineReading, LoadEngine } from '../engine/load-engine.ts'
import { scrape } from '../prometheus/scrape.ts'
import { IdentityLedger } from '../sample/identity-ledger.ts'
import { readDescriptorLimit } from '../proc/limits.ts'
import { nameDescriptors } from '../proc/name-descriptors.ts'
import { type ProcessReading, readContextSwitches, readProcess, readProportionalBytes } from '../proc/read-process.ts'
import { comeToRest } from '../sample/rest.ts'
import type { Target } from '../target/target.ts'
import type { CycleObservation, RawObservation } from './observations.ts'

export const rawEverySeconds = 1
const restEveryMs = 100
const restWithinMs = 15_000
const survivorsShown = 20

/** What the readings are put beside. */
export interface Work {
  readonly engine: LoadEngine
  readonly tally: Tally | undefined
  /** Whether the engine, too, has nothing more to do for the program. */
  readonly isQuiet: (reading: EngineReading) => boolean
}

/** Looks at one program from the beginning of a run to its end, and keeps what it sees. */
export class Observer implements AsyncDisposable {
  readonly target: Target
  readonly cycles: CycleObservation[] = []
  readonly raw: RawObservation[] = []
  /** What the process may hold at the most, by its own limit. */
  readonly descriptorLimit: number | undefined
  readonly #startedAtMs = performance.now()
  readonly #startedAtWallMs = Date.now()
  readonly #ledger = new IdentityLedger()
  readonly #stop = new AbortController()
  readonly #watching: Promise<void>
  #isWarm = false
  #clockStepMs = 0
  #ended: string | undefined
  #collections = 0
  #lookingMs = 0

  constructor(target: Target) {
    this.target = target
    this.descriptorLimit = readDescriptorLimit(target.pid)
    this.#watching = this.#watch()
  }

  get seconds(): number {
    return (performance.now() - this.#startedAtMs) / 1_000
  }

  get clockStepSeconds(): number {
    return this.#clockStepMs / 1_000
  }

  /** How the program ended, if it did before anybody asked for it. */
  get ended(): string | undefined {
    return (this.#ended ??= this.target.ended())
  }

  /** Processor time that looking has taken, here and in the program. */
  get lookingSeconds(): number {
    return this.#lookingMs / 1_000
  }

  get collections(): number {
    return this.#collections
  }

  /** The load has stopped: waits for rest and reads everything. */
  async readAtRest(operations: number, { engine, tally, isQuiet }: Work, signal: AbortSignal): Promise<void> {
    const { pid, probe, metricsUrl, longestTimerMs } = this.target
    const rest = await comeToRest<ProcessReading>(
      {
        read: () => this.#timed(() => this.#read()),
        countOf: ({ descriptors }) => descriptors.length,
        isDone: async () => isQuiet(await engine.look(signal)),
        settleMs: longestTimerMs + restEveryMs,
        everyMs: restEveryMs,
        withinMs: restWithinMs,
      },
      signal,
    )
    this.#timed(() => this.#ledger.see(nameDescriptors(pid, rest.readings.at(-1)!.descriptors)))
    const metrics = metricsUrl === undefined ? undefined : await this.#scrape(metricsUrl, signal)
    const reading = await probe?.ask({ ask: 'reading' }, signal)
    if (reading !== undefined) {
      this.#collections += 1
      this.#lookingMs += reading.costMs
    }
    this.cycles.push({
      atSeconds: this.seconds,
      operations,
      rest,
      probe: reading,
      proportionalBytes: readProportionalBytes(pid),
      contextSwitches: switchesOf(pid),
      engine: await engine.look(signal),
      tally: tally?.counts(),
      metrics,
    })
  }

  /** What is held by now is not to be named. */
  async endWarmUp(signal: AbortSignal): Promise<void> {
    this.#isWarm = true
    this.#ledger.endWarmUp()
    await this.target.probe?.ask({ ask: 'watch' }, signal)
  }

  /** What was opened after the warm-up and stayed, the most numerous of each kind first. */
  async survivors(signal: AbortSignal): Promise<readonly Survivor[]> {
    if (!this.#isWarm) return []
    const inside = this.ended === undefined ? ((await this.target.probe?.ask({ ask: 'survivors' }, signal)) ?? []) : []
    const descriptors = this.#ledger.survivors().map((one) => ({ kind: 'descriptor', ...one }))
    return ['descriptor', 'timer', 'listener', 'heap'].flatMap((kind) =>
      [...descriptors, ...inside]
        .filter((one) => one.kind === kind)
        .sort((a, b) => b.amount - a.amount)
        .slice(0, survivorsShown),
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new Error('the observation is over'))
    await this.#watching
  }

  async #scrape(url: string, signal: AbortSignal): Promise<CycleObservation['metrics']> {
    try {
      return await scrape(url, signal)
    } catch (error) {
      if (isAbortOf(signal, error)) throw error
      return { failure: messageOf(error) }
    }
  }

  async #watch(): Promise<void> {
    const { signal } = this.#stop
    try {
      for (let nextMs = 0; this.ended === undefined; nextMs += rawEverySeconds * 1_000) {
        await sleep(Math.max(0, nextMs - this.seconds * 1_000), signal)
        this.#timed(() => this.#look())
      }
    } catch (error) {
      if (!isAbortOf(signal, error)) throw error
    }
  }

  #timed<T>(look: () => T): T {
    const before = process.cpuUsage()
    try {
      return look()
    } finally {
      const { user, system } = process.cpuUsage(before)
      this.#lookingMs += (user + system) / 1e3
    }
  }

  #look(): void {
    const step = Math.abs(Date.now() - this.#startedAtWallMs - (performance.now() - this.#startedAtMs))
    this.#clockStepMs = Math.max(this.#clockStepMs, step)
    const reading = readProcess(this.target.pid)
    if (reading === undefined) {
      this.#ended = this.target.ended() ?? 'it has ended'
      return
    }
    const { descriptors, threads, residentBytes } = reading
    this.raw.push({ atSeconds: this.seconds, descriptors: descriptors.length, threads, residentBytes })
  }

  #read(): ProcessReading {
    const reading = readProcess(this.target.pid)
    if (reading !== undefined) return reading
    this.#ended = this.target.ended() ?? 'it has ended'
    throw new Error(`the program under test has gone: ${this.#ended}`)
  }
}

function switchesOf(pid: number): number | undefined {
  const switches = readContextSwitches(pid)
  return switches && switches.voluntary + switches.involuntary
}
