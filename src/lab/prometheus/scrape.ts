import { once } from 'node:events'
import { type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { messageOf } from '../../lib/error.ts'
import { formatBytes, formatDuration } from '../../lib/units.ts'
import { hasAborted, linkSignals } from '../../lib/wait.ts'
import { ScrapeError } from './exposition-error.ts'
import { type Exposition, type Page, parseExposition } from './parse.ts'

export interface ScrapeOptions {
  readonly timeoutMs?: number
  readonly maxBytes?: number
}

/**
 * Fetches a metrics page and reads it. The connection serves this one request and is closed when the promise settles: one that is kept
 * would be a descriptor of the very program whose descriptors are counted.
 * @throws ScrapeError, ExpositionError, and the reason of `signal` when it aborts
 */
export async function scrape(
  url: string,
  signal: AbortSignal,
  { timeoutMs = 5_000, maxBytes = 16 * 1024 * 1024 }: ScrapeOptions = {},
): Promise<Exposition> {
  const target = parseUrl(url)
  const timeOut = new AbortController()
  const timer = setTimeout(() => timeOut.abort(), timeoutMs)
  using link = linkSignals(signal, timeOut.signal)
  let page: Page
  try {
    page = await fetchPage(target, link.signal, maxBytes)
  } catch (cause) {
    signal.throwIfAborted()
    const why = hasAborted(timeOut.signal) ? `no whole answer within ${formatDuration(timeoutMs)}` : messageOf(cause)
    throw new ScrapeError(`cannot read the metrics at ${nameOf(target)}: ${why}`, {
      cause,
      hint: cause instanceof BadAnswer ? cause.hint : 'does the program run, and does it show metrics at this address?',
    })
  } finally {
    clearTimeout(timer)
  }
  return parseExposition(page)
}

/** What was answered is no page of metrics. */
class BadAnswer extends Error {
  readonly hint: string

  constructor(message: string, hint: string) {
    super(message)
    this.hint = hint
  }
}

function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url
  throw new ScrapeError(`"${text}" is no address of a metrics page`, { hint: 'write http://host:port/metrics' })
}

/** Without what may be a password. */
function nameOf({ origin, pathname }: URL): string {
  return `${origin}${pathname}`
}

async function fetchPage(target: URL, signal: AbortSignal, maxBytes: number): Promise<Page> {
  const send = target.protocol === 'https:' ? requestHttps : requestHttp
  const request = send(target, {
    agent: false,
    signal,
    headers: { accept: 'text/plain;version=0.0.4, */*;q=0.1', 'accept-encoding': 'identity', connection: 'close' },
  })
  const closed = new Promise<void>((resolve) => void request.once('close', () => resolve()))
  // A failure is told by the waits below; after them there may be a second one, of the closing itself.
  request.on('error', () => undefined)
  request.end()
  try {
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    assertUsable(response)
    const text = await readText(response, maxBytes)
    const isOpenMetrics = typeOf(response).startsWith('application/openmetrics-text')
    return { text, isOpenMetrics, name: nameOf(target) }
  } finally {
    request.destroy()
    await closed
  }
}

function assertUsable(response: IncomingMessage): void {
  const { statusCode = 0, headers } = response
  if (headers.location !== undefined)
    throw new BadAnswer(`the answer is ${statusCode} and sends to ${headers.location}`, 'use that address instead')
  if (statusCode !== 200)
    throw new BadAnswer(
      `the answer is ${statusCode} ${response.statusMessage ?? ''}`.trimEnd(),
      'is the path right, and may anybody read it without logging in?',
    )
  const type = typeOf(response)
  if (/html|json|protobuf/.test(type))
    throw new BadAnswer(`the answer is ${type}`, 'the text format of Prometheus is needed; its path is often /metrics')
}

function typeOf(response: IncomingMessage): string {
  return response.headers['content-type'] ?? 'text/plain'
}

async function readText(response: IncomingMessage, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    length += chunk.length
    if (length > maxBytes)
      throw new BadAnswer(`the answer is longer than ${formatBytes(maxBytes)}`, 'is this really a metrics page?')
  }
  return Buffer.concat(chunks).toString('utf8')
}
