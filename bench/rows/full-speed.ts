/** A whole log file that is there at once, read as fast as the program can. */
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { linkSignals, sleep } from '../../src/lib/wait.ts'
import type { BenchEngine } from '../engines.ts'
import type { Figures } from '../measure/figures.ts'
import { folderState, idsInFolder } from '../measure/folder.ts'
import { cpuSecondsOf, peakMbOf } from '../measure/process.ts'
import { untilComplete } from '../measure/until-complete.ts'
import type { Arrived } from '../receiver/ids.ts'
import { nowMs } from '../receiver/messages.ts'
import { Receiver } from '../receiver/receiver.ts'
import { type Collector, openCollector } from '../subjects/collector.ts'
import { type Bench, proveComplete, type Row } from './row.ts'

/** Lines have stopped coming. */
const quietMs = 800
const withinMs = 240_000

export interface FullSpeed {
  readonly read?: 'files' | 'api'
  readonly transforms?: Readonly<Record<string, object>>
  /** The receiver answers nothing until all lines wait in the collector's disk queue. */
  readonly waitsOnDisk?: boolean
}

/** To a Loki: with positions kept and answers awaited, as always. */
export function toLoki(
  name: string,
  what: string,
  { encoding, ...more }: FullSpeed & { readonly encoding: 'protobuf' | 'json' },
): Row {
  const read = more.read ?? 'files'
  return {
    name,
    what,
    usesRealEngine: read === 'api',
    async measure(bench) {
      await using receiver = await Receiver.open()
      const sink = { type: 'loki', url: receiver.url, encoding, timeout: '120s' }
      return await measureFullSpeed(bench, { ...more, read, sink }, async (collector, signal) => {
        if (more.waitsOnDisk === true) {
          await receiver.hold()
          return async () => {
            await untilSizeRests(collector.stateFolder, signal)
            await receiver.release()
            return drained(receiver, bench.input.lines, signal)
          }
        }
        return () => drained(receiver, bench.input.lines, signal)
      })
    },
  }
}

/** To rotated files. */
export function toFiles(name: string, what: string): Row {
  return {
    name,
    what,
    measure(bench) {
      const folder = bench.newFolder()
      const sink = { type: 'file', path: join(folder, '{container.name}.ndjson'), rotate: { size: '50MiB' } }
      return measureFullSpeed(bench, { read: 'files', sink }, (_, signal) =>
        Promise.resolve(async (beganAtMs) => {
          await untilSizeRests(folder, signal)
          const counted = await untilComplete(() => idsInFolder(folder, bench.input.lines), signal)
          const lastAtMs = folderState(folder).changedAtMs
          return { counted, linesPerSecond: (bench.input.lines / (lastAtMs - beganAtMs)) * 1000 }
        }),
      )
    },
  }
}

interface Drained {
  readonly counted: Arrived
  readonly linesPerSecond: number
}

type Wait = (beganAtMs: number) => Promise<Drained>

async function measureFullSpeed(
  bench: Bench,
  { read = 'files', transforms = {}, sink }: FullSpeed & { readonly sink: object },
  prepare: (collector: Collector, signal: AbortSignal) => Promise<Wait>,
): Promise<Figures> {
  using limit = linkSignals(bench.signal, AbortSignal.timeout(withinMs))
  const engine: BenchEngine = read === 'api' ? bench.real : bench.simulated
  const container = await engine.create('bench')
  try {
    copyFileSync(bench.input.path, container.logPath)
    const { root } = bench
    const settings = { root, folder: bench.newFolder(), engineHost: engine.host, read, transforms, sink }
    await using collector = await openCollector(settings)
    const wait = await prepare(collector, limit.signal)
    await collector.ready(limit.signal)
    const before = { own: cpuSecondsOf(collector.pid), engine: engine.cpuSeconds() }
    const beganAtMs = nowMs()
    await container.start()
    const { counted, linesPerSecond } = await wait(beganAtMs)
    const millions = bench.input.lines / 1e6
    const own = cpuSecondsOf(collector.pid) - before.own
    const engineSeconds = before.engine === undefined ? undefined : engine.cpuSeconds()! - before.engine
    proveComplete(counted)
    return {
      'CPU s / 1M lines': own / millions,
      'lines/s': linesPerSecond,
      'peak MB': peakMbOf(collector.pid),
      ...(engineSeconds === undefined ? {} : { 'engine CPU s / 1M lines': engineSeconds / millions }),
    }
  } finally {
    await container.remove()
  }
}

/** Everything has come, or nothing comes any more. The rate is that between the first push and the last. */
async function drained(receiver: Receiver, lines: number, signal: AbortSignal): Promise<Drained> {
  await receiver.untilQuiet(quietMs, signal)
  const counted = await untilComplete(() => receiver.count(lines), signal)
  const { firstAtMs, lastAtMs } = await receiver.state()
  const later = counted.atMs.filter((atMs) => atMs > firstAtMs).length
  return { counted, linesPerSecond: (later / (lastAtMs - firstAtMs)) * 1000 }
}

/** Resolves when the files in a folder have stopped growing. */
async function untilSizeRests(folder: string, signal: AbortSignal): Promise<void> {
  let [state, sinceMs] = [folderState(folder), performance.now()]
  for (;;) {
    await sleep(50, signal)
    const now = folderState(folder)
    // A few kilobytes are the collector's own.
    if (now.bytes !== state.bytes || now.bytes < 1e6) sinceMs = performance.now()
    state = now
    if (performance.now() - sinceMs > quietMs) return
  }
}
