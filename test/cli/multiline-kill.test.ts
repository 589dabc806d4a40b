import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { SimulatedEngine } from '../../src/simulator/engine.ts'
import { SeededRandom } from '../../src/simulator/random.ts'
import { sleep } from '../../src/lib/wait.ts'
import { ensureBuilt, RunningCommand } from '../helpers/command.ts'
import { until } from '../helpers/until.ts'

beforeAll(() => ensureBuilt(), 120_000)

const kills = 6
const eventsPerRound = 120

const configuration = (host: string, folder: string) => `
data_dir: ${folder}/state
api: { listen: off }
sources: { engine: { type: docker, host: "${host}" } }
transforms:
  # Nothing goes on because time has passed: the machine may be slow.
  whole: { type: multiline, inputs: [engine], flush_after: 30s }
  others: { type: filter, inputs: [engine], exclude: ["event"] }
sinks:
  raw: { type: file, inputs: [engine], path: "${folder}/raw/{container.name}.log", sync_every: 20ms }
  events: { type: file, inputs: [whole], path: "${folder}/events/{container.name}.log", sync_every: 20ms, rotate: { size: 30KiB } }
  # Events by one way, lines that are no part of one by the other.
  both: { type: file, inputs: [whole, others], path: "${folder}/both/{container.name}.log", sync_every: 20ms }
`

/** What a sink has of a container, in the order in which it came; files that were put aside included. */
function messagesOf(folder: string, sink: string, container: string): string[] {
  const live = join(folder, sink, `${container}.log`)
  const aside = join(folder, 'state', 'sinks', sink, 'rotated.json')
  const rotated = existsSync(aside) ? (JSON.parse(readFileSync(aside, 'utf8')) as { base: string; path: string }[]) : []
  const files = [...rotated.filter(({ base }) => base === live).map(({ path }) => path), live]
  return files.filter(existsSync).flatMap((path) =>
    readFileSync(path, 'utf8')
      .split('\n')
      .slice(0, -1)
      .map((line) => (JSON.parse(line) as { message: string }).message),
  )
}

test(`a collector that is killed ${kills} times delivers every event whole and once, by one way and by two`, async () => {
  const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000)
  process.stderr.write(`SEED=${seed}\n`)
  const random = new SeededRandom(seed)
  const folder = mkdtempSync(join(tmpdir(), 'multiline-killed-'))
  const listen = { socketPath: join(folder, 'engine.sock') }
  await using engine = await SimulatedEngine.open({ listen }, new AbortController().signal)
  const path = join(folder, 'log-capturer.yaml')
  writeFileSync(path, configuration(engine.host, folder))
  const names = ['web', 'api', 'db']
  const containers = names.map((name) => engine.createContainer({ name }))
  for (const container of containers) container.start()
  const written = new Map<string, string[]>(names.map((name) => [name, []]))

  /** Writes events in pieces of a few lines, now of one container, now of another; their last lines may be left for the next round. */
  const rest = new Map<string, string[]>(names.map((name) => [name, []]))
  const write = async (count: number, signal: AbortSignal) => {
    for (let event = 0; event < count; event++) {
      const at = Math.floor(random.next() * names.length)
      const name = names[at]!
      const events = written.get(name)!
      const lines = rest.get(name)!
      if (random.next() < 0.3) {
        const text = `plain ${events.length}`
        events.push(text)
        lines.push(text)
      } else {
        const frames = Array.from({ length: 1 + Math.floor(random.next() * 6) }, (_, i) => `\tat event.of.frame(${i})`)
        const whole = [`ERROR event ${events.length}`, 'java.lang.event.Exception: no', ...frames]
        events.push(whole.join('\n'))
        lines.push(...whole)
      }
      const now = lines.splice(0, 1 + Math.floor(random.next() * lines.length))
      containers[at]!.write('stdout', `${now.join('\n')}\n`)
      if (random.next() < 0.2) await sleep(random.next() * 20, signal)
    }
  }
  const { signal } = new AbortController()
  for (let kill = 0; kill < kills; kill++) {
    await using collector = new RunningCommand(['run', '-c', path], {})
    await Promise.all([write(eventsPerRound, signal), collector.said('connected to the engine')])
    await sleep(random.next() * 150, signal)
    collector.send('SIGKILL')
  }
  await using last = new RunningCommand(['run', '-c', path], {})
  for (const [i, name] of names.entries()) {
    const lines = rest.get(name)!
    if (lines.length > 0) containers[i]!.write('stdout', `${lines.join('\n')}\n`)
  }
  const lineCount = (name: string) => written.get(name)!.flatMap((event) => event.split('\n')).length
  await until(
    'every line has been read',
    () => names.every((name) => messagesOf(folder, 'raw', name).length >= lineCount(name)),
    { withinMs: 30_000, seen: () => names.map((name) => [messagesOf(folder, 'raw', name).length, lineCount(name)]) },
  )
  last.send('SIGTERM')
  expect(await last.status()).toBe(0)
  for (const name of names) {
    const events = written.get(name)!
    expect(messagesOf(folder, 'raw', name)).toEqual(events.flatMap((event) => event.split('\n')))
    expect(messagesOf(folder, 'events', name)).toEqual(events)
    const both = messagesOf(folder, 'both', name)
    const others = (text: string) => !text.includes('event')
    // Plain lines come by both ways, and each once by each.
    expect([...both].sort()).toEqual([...events, ...events.flatMap((event) => event.split('\n')).filter(others)].sort())
    expect(both.filter((text) => !others(text))).toEqual(events.filter((text) => !others(text)))
  }
  rmSync(folder, { recursive: true })
}, 120_000)
