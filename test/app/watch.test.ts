import { randomUUID } from 'node:crypto'
import { closeSync, openSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { WatchReport } from '../../src/api/watch-report.ts'
import { Owned } from '../../src/lib/owned.ts'
import { SimulatedEngine } from '../../src/simulator/engine.ts'
import { RunningCollector } from '../helpers/collector.ts'
import { command, ensureBuilt, RunningCommand } from '../helpers/command.ts'
import { until } from '../helpers/until.ts'

beforeAll(() => ensureBuilt())

/** Between looks. The first verdict takes 180 of them. */
const watchEveryMs = 5

let owned: Owned
let engine: SimulatedEngine
let running: RunningCollector
let url: string

beforeEach(async () => {
  owned = new Owned()
  const listen = { socketPath: join(tmpdir(), `${randomUUID()}.sock`) }
  engine = owned.take(await SimulatedEngine.open({ listen }, new AbortController().signal))
  const configuration = (folder: string) => `
data_dir: ${folder}/state
sources: { engine: { type: docker, host: "${engine.host}" } }
sinks: { disk: { type: file, inputs: [engine], path: "${folder}/logs/{container.name}.log" } }
api: { listen: 127.0.0.1:0 }
`
  running = owned.take(await RunningCollector.open(configuration, undefined, { watchEveryMs }))
  await running.ready()
  const { host, port } = running.collector.listen!
  url = `http://${host}:${port}`
})
afterEach(() => owned[Symbol.asyncDispose]())

/** Descriptors that nobody gives back, one every few looks, until it is disposed of. */
class Leak implements Disposable {
  readonly #opened: number[] = []
  readonly #timer = setInterval(() => this.#opened.push(openSync('/dev/null', 'r')), 2 * watchEveryMs)

  stop(): void {
    clearInterval(this.#timer)
  }

  [Symbol.dispose](): void {
    this.stop()
    for (const descriptor of this.#opened.splice(0)) closeSync(descriptor)
  }
}

const report = () => running.collector.health().watch
const resource = (name: string, from = report()) => from.resources.find((one) => one.name === name)!
const warnings = () =>
  running.said.filter(({ resource: name }) => name === 'descriptors').map(({ msg }) => msg as string)

describe('a collector that watches itself', () => {
  test('a leak of descriptors: gauge, one warning, a detail in /health that changes nothing, and the verb', async () => {
    expect(resource('descriptors')).toMatchObject({
      outcome: 'not_enough_evidence',
      reason: 'the first verdict takes half an hour',
    })
    using leak = new Leak()
    await until('the leak is told', () => resource('descriptors').outcome === 'leak', {
      withinMs: 25_000,
      seen: () => report(),
    })
    expect(await running.metric('leak_verdict', 'resource="descriptors"')).toBe(2)
    expect(await running.metric('leak_growth_per_hour', 'resource="descriptors",limit="low"')).toBeGreaterThan(0)
    expect(warnings()).toEqual([expect.stringContaining('a leak') as string])

    const health = (await (await fetch(`${url}/health`)).json()) as { status: string; watch: WatchReport }
    expect(health.status).toBe('ok')
    expect((await fetch(`${url}/health/ready`)).status).toBe(200)
    const { growthPerHour: growth, limitInHours, since } = resource('descriptors', health.watch)
    expect(growth!.low).toBeLessThan(growth!.rate)
    expect(growth!.rate).toBeLessThan(growth!.high)
    expect(limitInHours!.soonest).toBeLessThan(limitInHours!.latest)
    expect(Date.parse(since!)).toBeLessThanOrEqual(Date.now())

    await using asked = new RunningCommand(['watch', '--url', url, '--once'], {}).readOutput()
    expect(await asked.status()).toBe(1)
    expect(asked.stdout).toMatch(/^descriptors .* LEAK$/m)
    expect(asked.stdout).toMatch(
      /descriptors: a leak of about [\d,.]+ an hour, at least .*the limit of descriptors is reached in/,
    )
    leak.stop()
  }, 60_000)

  test('Ctrl-C ends the verb with the last verdict; until then it tells it again and again', async () => {
    await using asked = new RunningCommand(['watch', '--url', url, '--json'], {}).readOutput()
    await until('a report was printed', () => asked.stdout.endsWith('}\n'))
    expect((JSON.parse(asked.stdout) as WatchReport).resources).toHaveLength(7)
    asked.send('SIGINT')
    expect(await asked.status()).toBe(2)
  })

  test('what follows containers is no leak, and the ledger agrees with the kernel', async () => {
    // The engine is in this process, with the other end of each connection.
    const ofEngine = () => engine.counts().connections.opened - engine.counts().connections.closed
    const besides = () => resource('descriptors').held! - ofEngine()
    await until('it has looked', () => resource('descriptors').held)
    const before = besides()
    const containers = Array.from({ length: 30 }, (_, i) => engine.createContainer({ name: `c${i}` }))
    for (const container of containers) {
      container.start()
      container.write('stdout', 'a line\n')
    }
    await until('all are followed', async () => (await running.metric('container_streams_active')) === 30)
    await until('all have a file', async () => (await running.metric('sink_open_files')) === 30)
    await until(
      'thirty followed containers with a file each explain all that was opened',
      () => Math.abs(besides() - before) <= 3 && Math.abs(resource('engine_connections').held!) <= 4,
      { seen: () => [before, ofEngine(), report().resources] },
    )
  })

  test('a collector that is not there, or cannot be told where, is no verdict', async () => {
    await running.stop()
    const gone = command(['watch', '--url', url, '--once'])
    expect(gone.status).toBe(3)
    expect(gone.stderr).toContain(`cannot ask the collector at ${url}`)
    const input =
      'sources: { engine: { type: docker } }\nsinks: { out: { type: blackhole, inputs: [engine] } }\napi: { listen: off }\n'
    const unknown = command(['watch', '-c', '-'], { input })
    expect(unknown.status).toBe(3)
    expect(unknown.stderr).toContain('api.listen')
    expect(command(['watch', '--no-such-flag']).status).toBe(3)
  })
})
