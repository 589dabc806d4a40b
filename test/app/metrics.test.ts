import { randomUUID } from 'node:crypto'
import { spawnSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { metricSpecs } from '../../src/telemetry/metrics.ts'
import { SimulatedEngine } from '../../src/simulator/engine.ts'
import { RunningCollector } from '../helpers/collector.ts'
import { until } from '../helpers/until.ts'

const configuration = (host: string) => (folder: string) =>
  `
data_dir: ${folder}/state
sources:
  engine: { type: docker, host: "${host}" }
sinks:
  disk: { type: file, inputs: [engine], path: "${folder}/logs/{container.name}.log", format: text }
api: { listen: 127.0.0.1:0 }
`

test('every figure is what was done: requests, connections, reuse, streams, lines, bytes', async () => {
  await using engine = await SimulatedEngine.open(
    { listen: { socketPath: join(tmpdir(), `${randomUUID()}.sock`) } },
    new AbortController().signal,
  )
  await using running = await RunningCollector.open(configuration(engine.host))
  await running.ready()
  const containers = Array.from({ length: 7 }, (_, i) => engine.createContainer({ name: `c${i}` }))
  for (const container of containers) container.start()
  await until('all are followed', async () => (await running.metric('container_streams_active')) === 7)
  for (const [i, container] of containers.entries())
    for (let line = 0; line < 10 * (i + 1); line++)
      container.write(line % 3 === 0 ? 'stderr' : 'stdout', `${'x'.repeat(line)}\n`)
  const lines = 10 * (1 + 2 + 3 + 4 + 5 + 6 + 7)
  await until('all lines are delivered', async () => (await running.metric('logs_sent_total')) === lines)
  for (const container of containers.slice(0, 3)) container.exit(0)
  await until(
    'three follows have ended, and their logs were read to the end',
    async () => (await running.metric('containers', 'state="ended"')) === 3,
  )

  const counts = engine.counts()
  const bytes = containers.reduce((sum, _, i) => sum + (10 * (i + 1) * (10 * (i + 1) - 1)) / 2, 0)
  const figures = {
    requests: await running.metric('docker_http_requests_total'),
    opened: await running.metric('docker_http_connections_opened_total'),
    reused: await running.metric('docker_http_reused_total'),
    errors: await running.metric('docker_http_errors_total'),
    active: await running.metric('docker_http_active_connections'),
    openConnections:
      (await running.metric('docker_http_active_connections')) + (await running.metric('docker_http_idle_connections')),
    streamsOpened: await running.metric('container_streams_opened_total'),
    streamsEnded: await running.metric('container_streams_closed_total', 'reason="ended"'),
    streamsActive: await running.metric('container_streams_active'),
    collected: await running.metric('logs_collected_total'),
    bytes: await running.metric('log_bytes_collected_total'),
    ofC6: await running.metric('container_lines_total', 'container="c6"'),
    repeats: await running.metric('repeats_dropped_total'),
  }
  expect(figures).toEqual({
    requests: counts.requests,
    opened: counts.connections.opened,
    reused: counts.requests - counts.connections.opened,
    errors: 0,
    // Four follows and the events.
    active: 5,
    openConnections: counts.connections.opened - counts.connections.closed,
    streamsOpened: 7,
    streamsEnded: 3,
    streamsActive: 4,
    collected: lines,
    bytes,
    ofC6: 70,
    repeats: 0,
  })

  await running.stop()
  expect(await running.metric('docker_http_connections_closed_total')).toBe(counts.connections.opened)
  expect(await running.metric('container_streams_closed_total')).toBe(7)
  await until(
    'the engine has no connection left',
    () => engine.counts().connections.opened === engine.counts().connections.closed,
  )
})

test('the HTTP port: metrics that promtool has nothing against, health in three degrees', async () => {
  await using engine = await SimulatedEngine.open(
    { listen: { socketPath: join(tmpdir(), `${randomUUID()}.sock`) } },
    new AbortController().signal,
  )
  await using running = await RunningCollector.open(configuration(engine.host))
  await running.ready()
  const { host, port } = running.collector.listen!
  const get = async (path: string) => {
    const response = await fetch(`http://${host}:${port}${path}`)
    return { status: response.status, type: response.headers.get('content-type') ?? '', text: await response.text() }
  }
  const metrics = await get('/metrics')
  expect(metrics.type).toContain('text/plain')
  const promtool = spawnSync('promtool', ['check', 'metrics'], { input: metrics.text, encoding: 'utf8' })
  expect({ status: promtool.status, said: promtool.stderr + promtool.stdout }).toEqual({ status: 0, said: '' })
  const names = new Set(
    metrics.text
      .split('\n')
      .filter((line) => line.startsWith('# TYPE'))
      .map((line) => line.split(' ')[2]),
  )
  expect(names).toEqual(new Set(Object.values(metricSpecs).map(({ name }) => name)))

  expect(await get('/health/live')).toMatchObject({ status: 200 })
  expect(await get('/health/ready')).toMatchObject({ status: 200 })
  await engine.kill()
  await until('the loss is noticed', () => !running.collector.health().isReady)
  expect(await get('/health/live')).toMatchObject({ status: 200 })
  const unready = await get('/health/ready')
  expect([unready.status, JSON.parse(unready.text)]).toEqual([
    503,
    { status: 'not ready', reasons: [expect.stringContaining('source "engine" is not connected') as string] },
  ])
  const detail = await get('/health')
  expect([detail.status, (JSON.parse(detail.text) as { status: string }).status]).toEqual([200, 'not ready'])
  expect((await get('/nothing')).status).toBe(404)
})
