/**
 * What the live tail costs, browser and collector: `node --import ./scripts/typescript.mjs bench/page.ts [seconds]`.
 * 200 containers of a simulated engine write 25 lines a second each; the program that users run collects them, and Debian's Chromium shows all of them.
 * Told are the longest time between two frames, tasks of the page longer than 50 ms, lines that were skipped, and the collector's processor time with and without the page.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { freePort } from '../src/lab/target/free-port.ts'
import { sleep } from '../src/lib/wait.ts'
import { SimulatedEngine } from '../src/simulator/engine.ts'
import { RunningCommand } from '../test/helpers/command.ts'
import { until } from '../test/helpers/until.ts'
import { cpuSecondsOf } from './measure/process.ts'

const containers = 200
const linesPerSecond = 25
const seconds = Number(process.argv[2] ?? 60)
const withoutPageSeconds = Math.min(10, seconds)
const never = new AbortController().signal

const folder = mkdtempSync(join(tmpdir(), 'bench-page-'))
const port = await freePort()
await using engine = await SimulatedEngine.open({ listen: { socketPath: join(folder, 'engine.sock') } }, never)
for (let i = 0; i < containers; i++) {
  const rate = [
    '--rate',
    String(linesPerSecond),
    '--count',
    '1000000000',
    '--prefix',
    'level=info order ',
    '--pad',
    '150',
  ]
  engine.createContainer({ name: `app-${i}`, body: { Cmd: ['sim', 'lines', ...rate] } }).start()
}
const configuration = {
  data_dir: 'state',
  sources: { engine: { type: 'docker', host: engine.host } },
  sinks: { nowhere: { type: 'blackhole', inputs: ['engine'] } },
  api: { listen: `127.0.0.1:${port}` },
  log: { level: 'warn' },
}
await using collector = new RunningCommand(['run', '-c', '-'], {
  folder,
  input: JSON.stringify(configuration),
}).readOutput()
const collected = async () =>
  ((await (await fetch(`http://127.0.0.1:${port}/api/v1/overview`)).json()) as { lines: { in: { total: number } } })
    .lines.in.total
await until('it collects', async () => (await collected().catch(() => 0)) > 10_000, {
  withinMs: 30_000,
  seen: () => collector.stderr,
})

const without = await coresOver(withoutPageSeconds)
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] })
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
  await page.goto(`http://127.0.0.1:${port}/#/tail`)
  await page.getByText('live', { exact: true }).waitFor()
  await sleep(2_000, never)
  await page.evaluate(`
    globalThis.gaps = []; globalThis.tasks = []
    new PerformanceObserver((list) => tasks.push(...list.getEntries().map(({ duration }) => duration))).observe({ type: 'longtask' })
    let before = performance.now()
    const frame = (now) => { gaps.push(now - before); before = now; requestAnimationFrame(frame) }
    requestAnimationFrame(frame)
  `)
  const before = await collected()
  const withPage = await coresOver(seconds)
  const lines = (await collected()) - before
  const gaps = (await page.evaluate<number[]>('gaps')).slice(1).sort((a, b) => a - b)
  const tasks = await page.evaluate<number[]>('tasks')
  const skipped = await page.locator('[data-test=skipped]').textContent()
  const heapMb = (await page.evaluate<number>('performance.memory.usedJSHeapSize')) / 1e6
  const ms = (value: number | undefined) => `${(value ?? 0).toFixed(0)} ms`
  const at = (share: number) => gaps[Math.floor(gaps.length * share)]
  process.stdout.write(`${containers} containers, ${Math.round(lines / seconds)} lines/s for ${seconds} s; page: ${skipped}
frames: ${gaps.length}; between two: median ${ms(at(0.5))}, 99 % ${ms(at(0.99))}, longest ${ms(gaps.at(-1))}
tasks of the page beyond 50 ms: ${tasks.length}, longest ${ms(Math.max(0, ...tasks))}; its heap: ${heapMb.toFixed(0)} MB
collector: ${without.toFixed(3)} cores without the page, ${withPage.toFixed(3)} with it
`)
} finally {
  await browser.close()
  rmSync(folder, { recursive: true, force: true })
}

/** Processor time of the collector, a second. */
async function coresOver(length: number): Promise<number> {
  const before = cpuSecondsOf(collector.id)
  const beganAtMs = performance.now()
  await sleep(length * 1_000, never)
  return (cpuSecondsOf(collector.id) - before) / ((performance.now() - beganAtMs) / 1_000)
}
