import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { randomUUID } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { SimulatedEngine } from '../../src/simulator/engine.ts'
import { RunningCollector } from '../helpers/collector.ts'
import { until } from '../helpers/until.ts'
import { LokiReceiver } from '../receivers/loki/loki-receiver.ts'

/** As opentelemetry-proto has it in JSON: ids are hexadecimal, 64-bit numbers text, and nothing else is there. */
const attributes = z.array(
  z.strictObject({
    key: z.string(),
    value: z.union([
      z.strictObject({ stringValue: z.string() }),
      z.strictObject({ intValue: z.string().regex(/^-?\d+$/) }),
      z.strictObject({ doubleValue: z.number() }),
    ]),
  }),
)
const nanos = z.string().regex(/^\d{19}$/)
const spanId = z.string().regex(/^[0-9a-f]{16}$/)
const span = z.strictObject({
  traceId: z.string().regex(/^[0-9a-f]{32}$/),
  spanId,
  parentSpanId: spanId.optional(),
  name: z.string(),
  kind: z.union([z.literal(1), z.literal(3)]),
  startTimeUnixNano: nanos,
  endTimeUnixNano: nanos,
  attributes,
  status: z.strictObject({ code: z.literal(2).optional(), message: z.string().optional() }),
})
const request = z.strictObject({
  resourceSpans: z.array(
    z.strictObject({
      resource: z.strictObject({ attributes }),
      scopeSpans: z.array(
        z.strictObject({
          scope: z.strictObject({ name: z.string(), version: z.string() }),
          spans: z.array(span),
        }),
      ),
    }),
  ),
})
type ReceivedSpan = z.output<typeof span>

const valuesOf = (list: z.output<typeof attributes>) =>
  Object.fromEntries(list.map(({ key, value }) => [key, Object.values(value)[0] as string]))

/** Takes traces over HTTP, and holds them against the schema. */
class TraceReceiver implements AsyncDisposable {
  status = 200
  readonly asked: { readonly url: string; readonly headers: IncomingHttpHeaders }[] = []
  readonly resources: Readonly<Record<string, string>>[] = []
  readonly spans: ReceivedSpan[] = []
  readonly #server = createServer((incoming, response) => {
    const parts: Buffer[] = []
    incoming.on('data', (part: Buffer) => parts.push(part))
    incoming.on('end', () => {
      this.asked.push({ url: incoming.url!, headers: incoming.headers })
      if (this.status === 200) this.#take(request.parse(JSON.parse(Buffer.concat(parts).toString())))
      response.writeHead(this.status, { 'content-type': 'application/json' }).end('{}')
    })
  })

  static async open(): Promise<TraceReceiver> {
    const receiver = new TraceReceiver()
    receiver.#server.listen(0, '127.0.0.1')
    await once(receiver.#server, 'listening')
    return receiver
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/v1/traces`
  }

  #take({ resourceSpans }: z.output<typeof request>): void {
    for (const { resource, scopeSpans } of resourceSpans) {
      this.resources.push(valuesOf(resource.attributes))
      this.spans.push(...scopeSpans.flatMap(({ spans }) => spans))
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }
}

test('batches are traced from the engine to the acknowledgement of each sink, and told by OTLP; a reload ends it', async () => {
  await using engine = await SimulatedEngine.open(
    { listen: { socketPath: join(tmpdir(), `${randomUUID()}.sock`) } },
    new AbortController().signal,
  )
  await using loki = await LokiReceiver.open()
  await using traces = await TraceReceiver.open()
  let telemetry = `telemetry: { traces: { url: "${traces.url}", one_in: 1, headers: { x-key: sesame } } }`
  const configuration = (folder: string) => `
data_dir: ${folder}/state
sources: { engine: { type: docker, host: "${engine.host}" } }
sinks:
  loki: { type: loki, inputs: [engine], url: "${loki.url}", batch: { max_age: 10ms } }
  disk: { type: file, inputs: [engine], path: "${folder}/out.log", sync_every: 10ms }
api: { listen: off }
${telemetry}`
  await using running = await RunningCollector.open(configuration)
  await running.ready()
  const web = engine.createContainer({ name: 'web' })
  web.start()
  traces.status = 503
  loki.misbehave({ kind: 'answers', answers: [{ status: 500, text: 'not now' }][Symbol.iterator]() })
  web.write('stdout', 'one\ntwo\n')
  await until('traces are asked for in vain', () => traces.asked.length > 0)
  traces.status = 200
  await until('all of the batch is told', () => traces.spans.some(({ name }) => name === 'batch'), {
    seen: () => traces.spans,
  })
  expect(traces.asked[0]).toMatchObject({
    url: '/v1/traces',
    headers: { 'content-type': 'application/json', 'x-key': 'sesame' },
  })
  expect(traces.resources[0]).toMatchObject({ 'service.name': 'log-capturer', 'process.pid': String(process.pid) })
  const { traceId, spanId: root, ...batch } = traces.spans.find(({ name }) => name === 'batch')!
  expect(batch.parentSpanId).toBeUndefined()
  expect(valuesOf(batch.attributes)).toMatchObject({ 'log_capturer.source': 'engine' })
  const ofTrace = traces.spans.filter((one) => one.traceId === traceId)
  const deliveries = ofTrace.filter(({ name }) => name === 'deliver')
  expect(deliveries.map((one) => [one.parentSpanId, valuesOf(one.attributes)['log_capturer.sink']]).sort()).toEqual([
    [root, 'disk'],
    [root, 'loki'],
  ])
  for (const delivery of deliveries) {
    const steps = ofTrace.filter(({ parentSpanId }) => parentSpanId === delivery.spanId)
    expect(steps.map(({ name }) => name)).toEqual(expect.arrayContaining(['queue', 'send', 'acknowledge']))
    for (const step of steps) {
      expect(BigInt(step.startTimeUnixNano) >= BigInt(delivery.startTimeUnixNano)).toBe(true)
      expect(BigInt(step.endTimeUnixNano) <= BigInt(delivery.endTimeUnixNano)).toBe(true)
    }
  }
  const failed = traces.spans.find(({ name, status }) => name === 'send' && status.code === 2)!
  expect(failed.status.message).toContain('500')
  expect(valuesOf(failed.attributes)).toMatchObject({ 'log_capturer.sink': 'loki', 'log_capturer.outcome': 'retry' })
  const counted = () => running.metric('trace_spans_total', 'result="sent"')
  await until('they are counted', async () => (await counted()) === traces.spans.length)

  telemetry = ''
  await running.reload()
  const before = traces.spans.length
  web.write('stdout', 'three\n')
  await until('it is delivered', async () => (await running.metric('logs_sent_total', 'sink="loki"')) === 3)
  await running.stop()
  expect(traces.spans.length).toBe(before)
})

test('posted lines, of which no cursor is kept, are traced to their end as well', async () => {
  await using traces = await TraceReceiver.open()
  const configuration = (folder: string) => `
data_dir: ${folder}/state
sources: { posted: { type: push } }
sinks: { disk: { type: file, inputs: [posted], path: "${folder}/out.log", sync_every: 10ms } }
api: { listen: "127.0.0.1:0" }
telemetry: { traces: { url: "${traces.url}", one_in: 1 } }`
  await using running = await RunningCollector.open(configuration)
  const { host, port } = running.collector.listen!
  const headers = { 'content-type': 'text/plain' }
  expect((await fetch(`http://${host}:${port}/api/v1/logs`, { method: 'POST', headers, body: 'one' })).status).toBe(200)
  await until('all of the batch is told', () => traces.spans.some(({ name }) => name === 'batch'))
})
