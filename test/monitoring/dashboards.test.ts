import { randomUUID } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Owned } from '../../src/lib/owned.ts'
import { sleep } from '../../src/lib/wait.ts'
import type { SimulatedContainer } from '../../src/simulator/container.ts'
import { SimulatedEngine } from '../../src/simulator/engine.ts'
import { metricSpecs } from '../../src/telemetry/metrics.ts'
import { alerts } from '../../src/telemetry/monitoring/alerts.ts'
import { dashboards } from '../../src/telemetry/monitoring/dashboards/all.ts'
import { labelsOf } from '../../src/telemetry/monitoring/promql.ts'
import { RunningCollector } from '../helpers/collector.ts'
import { Prometheus } from '../helpers/prometheus.ts'
import { until } from '../helpers/until.ts'
import { LokiReceiver } from '../receivers/loki/loki-receiver.ts'

const folder = new URL('../../docs/dashboards/', import.meta.url)
const rulesFile = new URL('../../docs/alerts/log-capturer.rules.yml', import.meta.url).pathname

interface ShownPanel {
  readonly type: string
  readonly title: string
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
  readonly targets?: readonly { readonly expr: string }[]
}

const files = readdirSync(folder).map((name) => ({
  name,
  panels: (JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as { panels: readonly ShownPanel[] }).panels,
}))
const queries = files.flatMap(({ name, panels }) =>
  panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ place: `${name}, ${title}`, expr }))),
)

const owned = new Owned()
let prometheus: Prometheus
let container: SimulatedContainer
const tooLong = `${'long '.repeat(300)}\n`

/** A collector that does everything which a dashboard shows: lines that are taken, dropped and refused, containers that end, a reload. */
beforeAll(async () => {
  const listen = { socketPath: join(tmpdir(), `${randomUUID()}.sock`) }
  const engine = owned.take(await SimulatedEngine.open({ listen }, new AbortController().signal))
  const loki = owned.take(await LokiReceiver.open({ limits: { maxLineBytes: 1_000 } }))
  const configuration = (own: string) => `
data_dir: ${own}/state
sources: { engine: { type: docker, host: "${engine.host}" }, posted: { type: push } }
transforms:
  whole: { type: multiline, inputs: [engine] }
  quiet: { type: filter, inputs: [whole], exclude: [noise] }
  redacted: { type: redact, inputs: [quiet] }
sinks:
  loki: { type: loki, inputs: [redacted], url: "${loki.url}" }
  disk: { type: file, inputs: [quiet, posted], path: "${own}/logs/{container.name}.log" }
api: { listen: 127.0.0.1:0 }
`
  const running = owned.take(await RunningCollector.open(configuration, undefined, { watchEveryMs: 5 }))
  await running.ready()
  container = engine.createContainer({ name: 'web' })
  container.start()
  const short = engine.createContainer({ name: 'short' })
  short.start()
  short.write('stdout', 'the only line\n')
  await until('both are followed', async () => (await running.metric('container_streams_active')) === 2)
  short.exit(0)
  container.write('stdout', tooLong)
  await running.reload()
  const work = new AbortController()
  owned.defer(() => work.abort())
  void keepWriting(work.signal)
  const { host, port } = running.collector.listen!
  prometheus = owned.take(await Prometheus.open({ static_configs: [{ targets: [`${host}:${port}`] }] }, rulesFile))
})
afterAll(() => owned[Symbol.asyncDispose]())

async function keepWriting(signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    container.write('stdout', 'a line of somebody@example.com\nnoise\n')
    await sleep(50, signal).catch(() => undefined) // The test is over.
  }
}

test('the collector is scraped, and Prometheus has nothing against rules and metrics', async () => {
  interface Targets {
    readonly data: { readonly activeTargets: readonly { readonly health: string; readonly lastError: string }[] }
  }
  const target = await until('it was scraped', async () => {
    const [first] = (await prometheus.get<Targets>('/api/v1/targets')).data.activeTargets
    return first?.health === 'unknown' ? undefined : first
  })
  expect(target).toMatchObject({ health: 'up', lastError: '' })
  interface Rules {
    readonly data: {
      readonly groups: readonly {
        readonly rules: readonly { readonly name: string; readonly health: string; readonly lastError?: string }[]
      }[]
    }
  }
  const rules = await until('each rule was evaluated', async () => {
    const found = (await prometheus.get<Rules>('/api/v1/rules')).data.groups.flatMap((group) => group.rules)
    return found.length > 0 && found.every(({ health }) => health !== 'unknown') && found
  })
  expect(rules.map(({ name }) => name)).toEqual(alerts.map(({ name }) => name))
  expect(rules.filter(({ health }) => health !== 'ok')).toEqual([])
})

test('every question of every dashboard is answered with data', async () => {
  expect(queries.length).toBeGreaterThan(50)
  let missing = queries
  await until(
    'every question is answered',
    async () => {
      const still: typeof queries = []
      for (const one of missing) {
        const query = one.expr.replaceAll('$instance', '.*').replaceAll('$__rate_interval', '5s')
        if ((await prometheus.seriesOf(query)) === 0) still.push(one)
      }
      missing = still
      return still.length === 0
    },
    { withinMs: 20_000, seen: () => missing },
  )
})

test('an alert is raised while the collector runs, and its text is filled in', async () => {
  interface Alerts {
    readonly data: {
      readonly alerts: readonly {
        readonly labels: { readonly alertname: string }
        readonly annotations: { readonly summary: string }
        readonly state: string
      }[]
    }
  }
  container.write('stdout', tooLong)
  const firing = await until('the refused line has raised its alert', async () => {
    const { alerts: all } = (await prometheus.get<Alerts>('/api/v1/alerts')).data
    return all.find(({ labels, state }) => labels.alertname === 'LogCapturerDeadLetters' && state === 'firing')
  })
  expect(firing.annotations.summary).toMatch(/^The destination of sink loki on 127\.0\.0\.1:\d+ refuses lines$/)
})

test('panels stand side by side within the page, and none on another', () => {
  for (const { name, panels } of files) {
    const taken = new Set<string>()
    for (const {
      title,
      gridPos: { x, y, w, h },
    } of panels) {
      expect([name, title, x + w <= 24]).toEqual([name, title, true])
      for (let column = x; column < x + w; column++)
        for (let row = y; row < y + h; row++) {
          expect(taken.has(`${column} ${row}`)).toBe(false)
          taken.add(`${column} ${row}`)
        }
    }
  }
})

test('labels that panels group and name by are labels of their metrics', () => {
  for (const { rows } of dashboards)
    for (const { title, targets } of rows.flatMap(({ panels }) => panels))
      for (const { query, legend } of targets) {
        const known = new Set([...labelsOf(query), 'job', 'instance', 'le'])
        const grouped = [...query.render().matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, names]) => names!.split(', '))
        const told = [...legend.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name!)
        for (const label of [...grouped, ...told])
          expect([title, known.has(label), label]).toEqual([title, true, label])
      }
})

test('every metric is on a dashboard, or it is said why not', () => {
  const unshown = new Set(['deadLettersAdded', 'deadLettersDropped', 'deadLetterLinesReplayed'])
  const shown = new Set(
    dashboards.flatMap(({ rows }) =>
      rows.flatMap(({ panels }) =>
        panels.flatMap(({ targets }) =>
          targets.flatMap(({ query }) => query.selectors.map(({ key }) => key as string)),
        ),
      ),
    ),
  )
  const all = Object.keys(metricSpecs)
  // Letters, where lines are what counts; and what an operator does with `dlq`, and sees there.
  expect(all.filter((key) => !shown.has(key))).toEqual([...unshown])
})
