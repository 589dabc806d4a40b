import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { valueOf } from '../../app/metric-value.ts'
import { createLog } from '../log.ts'
import { createMetrics } from '../metrics.ts'
import { OtlpExporter } from './otlp-exporter.ts'
import type { Span } from './span.ts'

const span: Span = {
  ...{ traceId: '0'.repeat(32), spanId: '1'.repeat(16), parentSpanId: undefined, name: 'batch', kind: 'internal' },
  ...{ startedAtMs: 0, endedAtMs: 1, attributes: { lines: 3, share: 0.5, source: 'engine' }, error: undefined },
}
const spans = (count: number) => Array.from({ length: count }, () => span)

let status: number
let received: number[]
let said: { readonly msg: string }[]
const metrics = createMetrics()
const counted = async (result: string) => valueOf(metrics.traceSpans, { result })
const server = createServer((request, response) => {
  const parts: Buffer[] = []
  request.on('data', (part: Buffer) => parts.push(part))
  request.on('end', () => {
    const { resourceSpans } = JSON.parse(Buffer.concat(parts).toString()) as {
      resourceSpans: { scopeSpans: { spans: unknown[] }[] }[]
    }
    received.push(resourceSpans[0]!.scopeSpans[0]!.spans.length)
    response.writeHead(status).end()
  })
})

beforeEach(async () => {
  status = 200
  received = []
  said = []
  metrics.traceSpans.reset()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})
afterEach(async () => {
  server.close()
  server.closeAllConnections()
  await once(server, 'close')
})

function open(): OtlpExporter {
  return new OtlpExporter({
    url: `http://me:secret@127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`,
    headers: {},
    producer: { resource: { 'service.name': 'test' }, version: '1' },
    log: createLog('info', { write: (line) => said.push(JSON.parse(line) as { msg: string }) }),
    metrics,
  })
}

test('what waits when it is closed is sent, some at a time', async () => {
  const exporter = open()
  exporter.add(spans(600))
  await exporter[Symbol.asyncDispose]()
  expect(received).toEqual([512, 88])
  expect(await counted('sent')).toBe(600)
})

test('of too many the oldest are dropped, and counted', async () => {
  const exporter = open()
  exporter.add(spans(5_000))
  await exporter[Symbol.asyncDispose]()
  expect([await counted('dropped'), await counted('sent')]).toEqual([5_000 - 4_096, 4_096])
})

test('what is refused for good is dropped, and told without the password', async () => {
  status = 400
  const exporter = open()
  exporter.add(spans(1))
  await exporter[Symbol.asyncDispose]()
  expect(await counted('dropped')).toBe(1)
  expect(said.map(({ msg }) => msg)).toEqual(['traces are refused; they are dropped'])
  expect(JSON.stringify(said)).not.toContain('secret')
})

test('a receiver that is away is not waited for when it is closed', async () => {
  status = 503
  const exporter = open()
  exporter.add(spans(1))
  await exporter[Symbol.asyncDispose]()
  expect([received, await counted('dropped')]).toEqual([[1], 1])
})
