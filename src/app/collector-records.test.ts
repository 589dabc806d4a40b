import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { loadConfig } from '../config/load.ts'
import { createLog } from '../telemetry/log.ts'
import { createMetrics, type Metrics } from '../telemetry/metrics.ts'
import { CollectorRecords } from './collector-records.ts'
import { registries } from './registries.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'records-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function recordsOf(listen: string): CollectorRecords {
  const text = `data_dir: ${folder}/state
sources: { engine: { type: docker } }
sinks: { out: { type: file, inputs: [engine], path: "${folder}/out.log" } }
api: { listen: "${listen}" }
`
  const config = loadConfig({ registries, input: { kind: 'text', text, name: 'test.yaml' }, env: {} })
  return new CollectorRecords({ config, sink: 'out', log: createLog('silent') })
}

/** Serves metrics as a running collector does. */
async function serve({ registry }: Metrics) {
  const server = createServer((_request, response) => void registry.metrics().then((text) => response.end(text)))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()).closeAllConnections())
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, [Symbol.asyncDispose]: close }
}

test('what the running collector lost on the way to the sink is told, and nothing of others', async () => {
  const metrics = createMetrics()
  metrics.queueLinesLost.inc({ sink: 'out', reason: 'dropped_oldest' }, 7)
  metrics.queueLinesLost.inc({ sink: 'other', reason: 'dropped_oldest' }, 9)
  metrics.deadLetterLinesDropped.inc({ sink: 'out' }, 2)
  await using server = await serve(metrics)
  expect(await recordsOf(server.address).losses()).toEqual([
    'the collector has counted since its start: its queue lost 7 lines (dropped_oldest)',
    'the collector has counted since its start: its dead letters had no room for 2 lines',
  ])
})

test.each([['off'], ['127.0.0.1:9']])('without a collector to ask (%s) nothing is told', async (listen) => {
  expect(await recordsOf(listen).losses()).toEqual([])
})

test('a data_dir without dead letters has none, and stays as it is', async () => {
  const lines: string[] = []
  expect(await recordsOf('off').eachGivenUp(({ container }) => lines.push(container))).toBeUndefined()
  expect(lines).toEqual([])
})
