/** Lines that come at a steady rate, written by the bench as Docker writes them; and containers that say nothing. */
import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs'
import { linkSignals, sleep } from '../../src/lib/wait.ts'
import { formatTimestamp } from '../../src/lib/timestamp.ts'
import { SeededRandom } from '../../src/simulator/random.ts'
import type { BenchContainer } from '../engines.ts'
import { recordOf } from '../input/json-file.ts'
import { lines } from '../input/lines.ts'
import { type Figures, quantile } from '../measure/figures.ts'
import { cpuSecondsOf, residentMbOf } from '../measure/process.ts'
import { untilComplete } from '../measure/until-complete.ts'
import { nowMs } from '../receiver/messages.ts'
import { Receiver } from '../receiver/receiver.ts'
import { type Collector, openCollector } from '../subjects/collector.ts'
import { type Bench, proveComplete, type Row } from './row.ts'

const linesPerSecond = 10_000
const tickMs = 10
const settleMs = 3_000
const quietMs = 1_500
const withinMs = 240_000

/** 10,000 lines/s from so many containers together. */
export function steady(name: string, containers: number): Row {
  const from = containers === 1 ? 'one container' : `${containers.toLocaleString('en')} containers`
  return {
    name,
    what: `10,000 lines/s from ${from} -> Loki`,
    measure: (bench) =>
      withContainers(bench, containers, async ({ collector, receiver, paths, signal }) => {
        const files = paths.map((path) => openSync(path, 'a'))
        try {
          const { pid } = collector
          const look = () => ({ cpuSeconds: cpuSecondsOf(pid), residentMb: residentMbOf(pid) })
          const { writtenAtMs, looks } = await write(files, 2 * bench.steadySeconds, look, signal)
          await receiver.untilQuiet(quietMs, signal)
          const cpuSecondsAtEnd = cpuSecondsOf(pid)
          const { atMs, ...counted } = await untilComplete(() => receiver.count(writtenAtMs.length), signal)
          proveComplete(counted)
          // What runs for months has been compiled: its first seconds are left out.
          const warm = looks.find(({ lines }) => lines >= writtenAtMs.length / 2)!
          const latencies = atMs.map((at, number) => at - writtenAtMs[number]!).slice(warm.lines)
          latencies.sort()
          const resident = looks.map(({ residentMb }) => residentMb)
          return {
            'CPU s / 1M lines': (cpuSecondsAtEnd - warm.cpuSeconds) / (latencies.length / 1e6),
            'latency p50 ms': quantile(latencies, 0.5),
            'latency p99 ms': quantile(latencies, 0.99),
            'resident MB': Math.max(...resident),
          }
        } finally {
          files.forEach(closeSync)
        }
      }),
  }
}

/** So many running containers that say one line and no more. */
export function quiet(name: string, containers: number): Row {
  return {
    name,
    what: `${containers.toLocaleString('en')} quiet containers that run`,
    measure: (bench) =>
      withContainers(bench, containers, async ({ collector, receiver, paths, signal }) => {
        const source = lines(new SeededRandom(1))
        for (const path of paths) writeFileSync(path, recordOf(source.next().value, timeText()), { flag: 'a' })
        await receiver.untilQuiet(quietMs, signal)
        const { atMs: _, ...counted } = await untilComplete(() => receiver.count(containers), signal)
        proveComplete(counted)
        await sleep(settleMs, signal)
        const [before, beganAtMs] = [cpuSecondsOf(collector.pid), performance.now()]
        await sleep(2_000 * bench.steadySeconds, signal)
        const share = (cpuSecondsOf(collector.pid) - before) / ((performance.now() - beganAtMs) / 1000)
        return { 'resident MB': residentMbOf(collector.pid), '% of a core': 100 * share }
      }),
  }
}

/** From the start of the program to its first line at the receiver. */
export const firstLine: Row = {
  name: 'first-line',
  what: 'start of the program to the first line delivered (program and log in the page cache)',
  async measure(bench) {
    await using receiver = await Receiver.open()
    const container = await bench.simulated.create('bench')
    try {
      writeFileSync(container.logPath, recordOf(lines(new SeededRandom(1)).next().value, timeText()))
      await container.start()
      const beganAtMs = nowMs()
      const sink = { type: 'loki', url: receiver.url }
      const { root, simulated } = bench
      const settings = { root, folder: bench.newFolder(), engineHost: simulated.host, read: 'files', sink } as const
      await using _collector = await openCollector(settings)
      const { firstAtMs } = await receiver.untilQuiet(200, bench.signal)
      const { atMs: _, ...counted } = await receiver.count(1)
      proveComplete(counted)
      return { 'first line ms': firstAtMs - beganAtMs }
    } finally {
      await container.remove()
    }
  },
}

interface Scene {
  readonly collector: Collector
  readonly receiver: Receiver
  readonly paths: readonly string[]
  readonly signal: AbortSignal
}

/** Runs with containers whose empty logs the collector reads already. */
async function withContainers(bench: Bench, count: number, run: (scene: Scene) => Promise<Figures>): Promise<Figures> {
  using limit = linkSignals(bench.signal, AbortSignal.timeout(withinMs))
  await using receiver = await Receiver.open()
  const containers: BenchContainer[] = []
  try {
    for (let number = 0; number < count; number++) {
      const container = await bench.simulated.create(`bench-${number}`)
      writeFileSync(container.logPath, '')
      await container.start()
      containers.push(container)
    }
    const sink = { type: 'loki', url: receiver.url }
    const { root, simulated } = bench
    const settings = { root, folder: bench.newFolder(), engineHost: simulated.host, read: 'files', sink } as const
    await using collector = await openCollector(settings)
    await collector.ready(limit.signal)
    await sleep(settleMs, limit.signal)
    const paths = containers.map(({ logPath }) => logPath)
    return await run({ collector, receiver, paths, signal: limit.signal })
  } finally {
    for (const container of containers) await container.remove()
  }
}

interface Look {
  readonly cpuSeconds: number
  readonly residentMb: number
}

interface Written {
  /** Of each line, in milliseconds since 1970. */
  readonly writtenAtMs: Float64Array
  /** Two a second, with the lines that were written by then. */
  readonly looks: readonly (Look & { readonly lines: number })[]
}

/** Writes lines to the files in turns. A tick that comes late writes what it has missed. */
async function write(
  files: readonly number[],
  seconds: number,
  look: () => Look,
  signal: AbortSignal,
): Promise<Written> {
  const writtenAtMs = new Float64Array(seconds * linesPerSecond)
  const source = lines(new SeededRandom(1))
  const looks: Written['looks'][number][] = []
  const beganAtMs = performance.now()
  for (let number = 0; number < writtenAtMs.length; ) {
    await sleep(tickMs, signal)
    const due = Math.min(writtenAtMs.length, ((performance.now() - beganAtMs) / 1000) * linesPerSecond)
    const time = timeText()
    for (; number < due; number++) {
      writeSync(files[number % files.length]!, recordOf(source.next().value, time))
      writtenAtMs[number] = nowMs()
    }
    if (looks.length < (number / linesPerSecond) * 2) looks.push({ ...look(), lines: number })
  }
  return { writtenAtMs, looks }
}

function timeText(): string {
  const ms = Math.floor(nowMs())
  return formatTimestamp(Math.floor(ms / 1000), (ms % 1000) * 1e6)
}
