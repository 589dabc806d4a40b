/**
 * The receiving end, a process of its own so that its work is nobody's figure: keeps every body as it came, answers 204, and takes the bodies apart only when
 * it is asked what was in them.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'
import snappy from 'snappyjs'
import { Ids } from './ids.ts'
import { type Answers, nowMs, type Question, type ReceiverState } from './messages.ts'

interface Body {
  readonly bytes: Buffer
  readonly encoding: 'gzip' | 'snappy' | 'identity'
  readonly atMs: number
}

let bodies: Body[] = []
let ids: Ids | undefined
let [bytes, requests] = [0, 0]
let [firstAtMs, lastAtMs] = [Number.NaN, Number.NaN]
let held: ServerResponse[] | undefined

const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  // A collector that is ended in the middle of a request has not delivered it.
  request.on('error', () => response.destroy())
  request.on('end', () => {
    const body = { bytes: Buffer.concat(chunks), encoding: encodingOf(request), atMs: nowMs() }
    bodies.push(body)
    requests += 1
    if (requests === 1) firstAtMs = body.atMs
    lastAtMs = body.atMs
    bytes += body.bytes.length
    if (held === undefined) answer(response)
    else held.push(response)
  })
})
server.listen(0, '127.0.0.1')
await once(server, 'listening')

process.on('message', ({ ask, ...rest }: Question) => {
  const lines = 'lines' in rest ? rest.lines : 0
  process.send!({ ask, answer: questions[ask](lines) })
})
process.on('disconnect', () => process.exit())
process.send!({ ask: 'state', answer: state() })

const questions: { readonly [K in keyof Answers]: (lines: number) => Answers[K] } = {
  state,
  hold: () => ((held = []), true),
  release: () => {
    for (const response of held ?? []) answer(response)
    held = undefined
    return true
  },
  drain: (lines) => {
    taken(lines)
    return true
  },
  count: (lines) => taken(lines).count(),
}

/** Takes apart what has come since the last time. */
function taken(lines: number): Ids {
  ids ??= new Ids(lines)
  for (const body of bodies) ids.take(unpack(body), body.atMs)
  bodies = []
  return ids
}

function state(): ReceiverState {
  return {
    port: (server.address() as AddressInfo).port,
    requests,
    bytes,
    firstAtMs,
    lastAtMs,
  }
}

function answer(response: ServerResponse): void {
  response.writeHead(204).end()
}

/** Loki's protobuf is in snappy whether the header says so or not. */
function encodingOf({ headers }: IncomingMessage): Body['encoding'] {
  if (headers['content-encoding'] === 'gzip') return 'gzip'
  return headers['content-type']?.startsWith('application/x-protobuf') === true ? 'snappy' : 'identity'
}

function unpack({ bytes: packed, encoding }: Body): Buffer {
  switch (encoding) {
    case 'gzip':
      return gunzipSync(packed)
    case 'snappy':
      return Buffer.from(snappy.uncompress(packed))
    case 'identity':
      return packed
  }
}
