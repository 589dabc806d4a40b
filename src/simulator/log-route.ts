import { ApiError } from './api-error.ts'
import { detailsOf } from './container-spec.ts'
import { type Exchange, isFlagSet, parseTime } from './exchange.ts'
import { compareApiVersions, type Flavor } from './flavor.ts'
import { LogBody } from './log-body.ts'
import { LogReader } from './log-reader.ts'

/** GET /containers/{id}/logs */
export function sendLogs(exchange: Exchange): void {
  const { engine, query, response, request } = exchange
  const { flavor } = engine
  const container = engine.containers.get(exchange.reference)
  const hasStdout = isFlagSet(query, 'stdout')
  const hasStderr = isFlagSet(query, 'stderr')
  if (!hasStdout && !hasStderr) throw new ApiError(400, 'Bad parameters: you must choose at least one stream')
  const malformedStatus = flavor.isPodman ? 400 : 500
  const since = parseTime(query.get('since'), malformedStatus)
  const until = parseTime(query.get('until'), malformedStatus)
  if (container.status === 'removing') {
    throw new ApiError(409, 'can not get logs from container which is dead or marked for removal')
  }
  const { log, spec } = container
  if (!log) throw new ApiError(501, 'configured logging driver does not support reading')
  const reader = new LogReader(log, {
    hasStdout,
    hasStderr,
    hasTimestamps: isFlagSet(query, 'timestamps'),
    details: isFlagSet(query, 'details') ? detailsOf(spec) : undefined,
    since,
    until,
    untilIsExclusive: flavor.isPodman,
    tail: parseTail(query.get('tail')),
    isTty: spec.isTty,
    timestampDigits: flavor.timestampDigits,
  })
  const isFollow = isFlagSet(query, 'follow')
  // A follow on a container that does not run ends at once, one on a container that was never started included.
  if (!isFollow || !container.isAlive) reader.limit(log.recordEnd)
  const type = contentType(flavor, { isTty: spec.isTty, version: exchange.version ?? flavor.apiVersion })
  if (type !== undefined) response.setHeader('Content-Type', type)
  const isChunked = request.httpVersion !== '1.0'
  if (isChunked) response.setHeader('Transfer-Encoding', 'chunked')
  response.writeHead(200)
  if (isFollow) engine.enterFollow(response, container)
  else engine.enterRead(response)
  new LogBody({ response, reader, container, log, engine, isChunked })
}

/** A number that is none, or is negative, means everything. */
function parseTail(text: string | null): number | undefined {
  return text !== null && /^\d+$/.test(text) ? Number(text) : undefined
}

function contentType(
  { isPodman, rawStreamUpTo }: Flavor,
  { isTty, version }: { readonly isTty: boolean; readonly version: string },
): string | undefined {
  if (isPodman) return isTty ? 'text/plain; charset=utf-8' : 'application/octet-stream'
  if (rawStreamUpTo === undefined) return undefined
  const isRaw = isTty || compareApiVersions(version, rawStreamUpTo) <= 0
  return `application/vnd.docker.${isRaw ? 'raw' : 'multiplexed'}-stream`
}
