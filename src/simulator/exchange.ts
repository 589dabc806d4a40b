import type { IncomingMessage, ServerResponse } from 'node:http'
import { ApiError } from './api-error.ts'
import type { Daemon } from './daemon.ts'

/** One request, as the handlers of routes see it. */
export interface Exchange {
  readonly engine: Daemon
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly query: URLSearchParams
  /** What stands for `{id}` in the route; empty where there is none. */
  readonly reference: string
  /** The version in the path; undefined: the engine's newest. */
  readonly version: string | undefined
  /** Aborts when the client has gone, or the answer is complete. */
  readonly signal: AbortSignal
}

export function sendJson({ response }: Exchange, status: number, value: unknown): void {
  const body = `${JSON.stringify(value)}\n`
  response.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) })
  response.end(body)
}

export function sendNothing({ response }: Exchange, status: number): void {
  response.writeHead(status)
  response.end()
}

export function sendError(exchange: Exchange, { status, message }: ApiError): void {
  const { isPodman } = exchange.engine.flavor
  sendJson(exchange, status, isPodman ? { cause: message, message, response: status } : { message })
}

/** Go's reading of a flag in a query. */
export function isFlagSet(query: URLSearchParams, name: string): boolean {
  const text = (query.get(name) ?? '').trim().toLowerCase()
  return !['', '0', 'no', 'false', 'none'].includes(text)
}

const largestBodyBytes = 1_048_576

export async function readJson(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of request as AsyncIterable<Buffer>) {
    parts.push(part)
    bytes += part.length
    if (bytes > largestBodyBytes) throw new ApiError(400, 'request body too large')
  }
  try {
    return JSON.parse(Buffer.concat(parts).toString())
  } catch (cause) {
    throw new ApiError(400, `invalid JSON: ${String(cause)}`)
  }
}

/**
 * `since` and `until`: whole seconds, or seconds and a fraction scaled by its number of digits (`.5` is 500 ms).
 * Anything else fails as Go's ParseInt does, RFC 3339 included. Nothing, or 0: no limit.
 */
export function parseTime(
  text: string | null,
  malformedStatus: number,
): { seconds: number; nanos: number } | undefined {
  if (text === null || text === '' || text === '0') return undefined
  const match = /^(\d+)(?:\.(\d+))?$/.exec(text)
  if (!match) {
    throw new ApiError(malformedStatus, `strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`)
  }
  const fraction = match[2] ?? ''
  return { seconds: Number(match[1]), nanos: Math.floor(Number(`0.${fraction}0`) * 1e9 + 0.5) }
}
