/** For tests: a server that decodes pushes as other implementations do, answers what it is told to, and remembers what it took. */
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'
import protobuf from 'protobufjs'
import snappy from 'snappyjs'

const { root } = protobuf.parse(
  `syntax = "proto3";
  message Pair { string name = 1; string value = 2; }
  message Time { int64 seconds = 1; int32 nanos = 2; }
  message Entry { Time timestamp = 1; bytes line = 2; repeated Pair structuredMetadata = 3; }
  message Stream { string labels = 1; repeated Entry entries = 2; }
  message Push { repeated Stream streams = 1; }`,
  { keepCase: true },
)
const pushType = root.lookupType('Push')

export interface ReceivedEntry {
  readonly labels: string
  readonly seconds: number
  readonly nanos: number
  readonly line: string
  readonly metadata: Readonly<Record<string, string>>
}

export interface Received {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly entries: readonly ReceivedEntry[]
}

export interface Reply {
  readonly status: number
  readonly body?: string
  readonly headers?: Readonly<Record<string, string>>
}

export class Receiver implements AsyncDisposable {
  readonly #server = createServer()
  readonly received: Received[] = []
  /** What is answered to a push; undefined: 204. */
  reply: (push: Received) => Reply | undefined = () => undefined

  static async open(): Promise<Receiver> {
    const receiver = new Receiver()
    receiver.#server.on('request', (request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        const isJson = request.headers['content-type'] === 'application/json'
        const entries = (isJson ? decodeJson : decodeProtobuf)(Buffer.concat(chunks))
        const push = { path: request.url!, headers: request.headers, entries }
        receiver.received.push(push)
        const { status, body = '', headers = {} } = receiver.reply(push) ?? { status: 204 }
        response.writeHead(status, headers).end(body)
      })
    })
    receiver.#server.listen(0, '127.0.0.1')
    await once(receiver.#server, 'listening')
    return receiver
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** The lines of all pushes. */
  get lines(): string[] {
    return this.received.flatMap(({ entries }) => entries.map(({ line }) => line))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }
}

export function decodeProtobuf(body: Uint8Array): ReceivedEntry[] {
  const { streams } = pushType.toObject(pushType.decode(snappy.uncompress(body)), {
    longs: Number,
    defaults: true,
  }) as {
    streams: {
      labels: string
      entries: {
        timestamp: { seconds: number; nanos: number }
        line: Buffer
        structuredMetadata: { name: string; value: string }[]
      }[]
    }[]
  }
  return streams.flatMap(({ labels, entries }) =>
    entries.map(({ timestamp: { seconds, nanos }, line, structuredMetadata }) => ({
      labels,
      seconds,
      nanos,
      line: Buffer.from(line).toString('latin1'),
      metadata: Object.fromEntries(structuredMetadata.map(({ name, value }) => [name, value])),
    })),
  )
}

export function decodeJson(body: Uint8Array): ReceivedEntry[] {
  const { streams } = JSON.parse(gunzipSync(body).toString()) as {
    streams: { stream: Record<string, string>; values: [string, string, Record<string, string>?][] }[]
  }
  return streams.flatMap(({ stream, values }) =>
    values.map(([time, line, metadata = {}]) => ({
      labels: `{${Object.entries(stream)
        .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
        .join(', ')}}`,
      seconds: Number(time.slice(0, -9)),
      nanos: Number(time.slice(-9)),
      line: Buffer.from(line).toString('latin1'),
      metadata,
    })),
  )
}
