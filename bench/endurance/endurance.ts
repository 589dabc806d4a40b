/**
 * `npm run bench -- --endurance 30m`: 10,000 lines a second for so long, and by how much the collector grows an hour, with limits. The collector and its
 * probe, and the verdict, are those of the soak lab.
 */
import { writeFileSync } from 'node:fs'
import { openCollector } from '../../src/lab/target/collector-under-test.ts'
import type { ProbeClient } from '../../src/lab/probe/probe-client.ts'
import { hasAborted, sleep } from '../../src/lib/wait.ts'
import { judge } from '../../src/soak/verdict/judge.ts'
import type { Series } from '../../src/soak/verdict/series.ts'
import type { BenchContainer, BenchEngine } from '../engines.ts'
import type { Spread } from '../measure/figures.ts'
import { residentMbOf } from '../measure/process.ts'
import { untilComplete } from '../measure/until-complete.ts'
import { Receiver } from '../receiver/receiver.ts'
import { proveComplete } from '../rows/row.ts'
import type { RowResult } from '../run-rows.ts'
import { writeSteadily } from './steady-load.ts'

const linesPerSecond = 10_000
const containers = 10
/** Looks; more often looking would be load of its own. */
const looks = 180
/** The least of so many looks is a reading: what is on its way just then, and memory that is kept for it, come and go. */
const looksPerReading = 3
const leastEverySeconds = 2
const quietMs = 1_500
/** The chance that a limit is wrong, of all together. */
const alpha = 0.01

export interface EnduranceSettings {
  readonly engine: BenchEngine
  readonly seconds: number
  readonly tell: (text: string) => void
  readonly signal: AbortSignal
}

/** @throws when a line is missing or came twice */
export async function measureEndurance({ engine, seconds, tell, signal }: EnduranceSettings): Promise<RowResult> {
  await using receiver = await Receiver.open()
  const made: BenchContainer[] = []
  try {
    for (let number = 0; number < containers; number++) {
      const container = await engine.create(`endurance-${number}`)
      writeFileSync(container.logPath, '')
      await container.start()
      made.push(container)
    }
    const options = { engineHost: engine.host, receiverUrl: receiver.url, keepAliveMs: 10_000, label: undefined }
    await using collector = await openCollector(options)
    await collector.ready(signal)
    const stop = new AbortController()
    const every = Math.max(leastEverySeconds, seconds / looks)
    const reader = new Reader({
      pid: collector.pid,
      probe: collector.probe!,
      receiver,
      total: seconds * linesPerSecond,
    })
    const reading = readRegularly(reader, { everySeconds: every, tell }, AbortSignal.any([signal, stop.signal]))
    const paths = made.map(({ logPath }) => logPath)
    const total = await writeSteadily({ paths, linesPerSecond, seconds }, signal)
    stop.abort(new Error('the lines are written'))
    await reading
    await receiver.untilQuiet(quietMs, signal)
    const { atMs: _, ...counted } = await untilComplete(() => receiver.count(total), signal)
    proveComplete(counted)
    return {
      name: 'endurance',
      what: `10,000 lines/s from ${containers} containers for ${Math.round(seconds / 60)} min: growth an hour, with its limits at ${100 * (1 - alpha)} %`,
      figures: growthOf(reader.series(), tell),
    }
  } finally {
    for (const container of made) await container.remove()
  }
}

interface ReaderOptions {
  readonly pid: number
  readonly probe: ProbeClient
  readonly receiver: Receiver
  readonly total: number
}

/** What the collector holds, again and again. */
class Reader {
  readonly #options: ReaderOptions
  readonly #beganAtMs = performance.now()
  /** Of lines. */
  readonly #atMillions: number[] = []
  readonly #heapMb: number[] = []
  readonly #residentMb: number[] = []

  constructor(options: ReaderOptions) {
    this.#options = options
  }

  /** Resident memory first: the probe collects the heap. */
  async look(signal: AbortSignal): Promise<string> {
    const { pid, probe, receiver, total } = this.#options
    const residentMb = residentMbOf(pid)
    const { heapBytes, externalBytes } = await probe.ask({ ask: 'reading' }, signal)
    this.#atMillions.push((((performance.now() - this.#beganAtMs) / 1000) * linesPerSecond) / 1e6)
    this.#residentMb.push(residentMb)
    this.#heapMb.push((heapBytes + externalBytes) / 1e6)
    // What has come is taken apart and let go: half an hour of it would not fit into memory.
    await receiver.drain(total)
    return `${residentMb.toFixed(1)} MB resident, ${this.#heapMb.at(-1)!.toFixed(2)} MB of heap and buffers`
  }

  series(): Series {
    return {
      unit: 'operation',
      at: floorsOf(this.#atMillions),
      resources: [
        { name: 'heap', values: floorsOf(this.#heapMb) },
        { name: 'resident', values: floorsOf(this.#residentMb) },
      ],
      unread: [],
      identities: [],
    }
  }
}

function floorsOf(values: readonly number[]): readonly number[] {
  const readings = Math.floor(values.length / looksPerReading)
  return Array.from({ length: readings }, (_, i) =>
    Math.min(...values.slice(i * looksPerReading, (i + 1) * looksPerReading)),
  )
}

async function readRegularly(
  reader: Reader,
  { everySeconds, tell }: { readonly everySeconds: number; readonly tell: (text: string) => void },
  signal: AbortSignal,
): Promise<void> {
  for (let number = 1; !signal.aborted; number++) {
    try {
      await sleep(everySeconds * 1000, signal)
      const seen = await reader.look(signal)
      if (number % 10 === 0) tell(`${Math.round(number * everySeconds)} s: ${seen}`)
    } catch (error) {
      if (!hasAborted(signal)) throw error
    }
  }
}

/**
 * The rate as the median, its limits as the least and the most. The readings are judged as the lab judges amounts at rest: after a collection, and the least of some looks, they
 * are few and hang together little, though for minutes at a time. @throws when they do not suffice
 */
function growthOf(series: Series, tell: EnduranceSettings['tell']): RowResult['figures'] {
  for (const { name, values } of series.resources)
    tell(`${name} in MB: ${values.map((value) => value.toFixed(2)).join(' ')}`)
  const millionsPerHour = (3_600 * linesPerSecond) / 1e6
  const named = (name: string) => ({ name, below: 1 / millionsPerHour, kind: 'size' }) as const
  const criteria = { alpha, look: undefined, warmUp: undefined, resources: [named('heap'), named('resident')] }
  const { resources, faults } = judge(series, criteria)
  const [heap, resident] = resources.map(({ name, growth, reason }): Spread => {
    if (growth === undefined) throw new Error(`the growth of ${name} cannot be told: ${reason ?? faults.join(', ')}`)
    const { rate, low, high } = growth
    return { median: millionsPerHour * rate, min: millionsPerHour * low, max: millionsPerHour * high, runs: 1 }
  })
  return { 'heap MB/h': heap!, 'resident MB/h': resident! }
}
