import { compareTimes } from '../lib/timestamp.ts'
import type { EngineEvent } from './event-log.ts'
import { type Exchange, parseTime } from './exchange.ts'
import { type Filters, hasLabel, matchesAny, parseFilters } from './filters.ts'
import { compareApiVersions } from './flavor.ts'

const longestTimerMs = 2 ** 31 - 1

/** GET /events: what is remembered since `since`, then what happens, up to `until`. Both ends are included. */
export function sendEvents(exchange: Exchange): void {
  const { engine, query, response, signal } = exchange
  const { flavor, events } = engine
  const malformedStatus = flavor.isPodman ? 400 : 500
  const since = parseTime(query.get('since'), malformedStatus)
  const until = parseTime(query.get('until'), malformedStatus)
  const filters = parseFilters(query.get('filters'), flavor.malformedFilterStatus)
  const isNewForm = compareApiVersions(exchange.version ?? flavor.apiVersion, '1.52') >= 0
  response.writeHead(200, { 'Content-Type': isNewForm ? 'application/x-ndjson' : 'application/json' })
  response.flushHeaders()
  const send = (event: EngineEvent) => {
    if (isWanted(event, filters)) response.write(encode(event, { isNewForm }))
  }
  if (since || until) {
    for (const event of events.history()) {
      if (since && compareTimes(event.time, since) < 0) continue
      if (until && compareTimes(event.time, until) > 0) continue
      send(event)
    }
  }
  const listening = events.listen((event) => {
    if (!until || compareTimes(event.time, until) <= 0) send(event)
  })
  const waitMs = until ? Math.min(longestTimerMs, Math.max(0, millisecondsTo(until, engine.clock.now()))) : 0
  const timer = until && setTimeout(() => response.end(), waitMs)
  signal.addEventListener('abort', () => {
    listening[Symbol.dispose]()
    clearTimeout(timer)
  })
}

function millisecondsTo(
  later: { readonly seconds: number; readonly nanos: number },
  earlier: { readonly seconds: number; readonly nanos: number },
): number {
  return (later.seconds - earlier.seconds) * 1000 + (later.nanos - earlier.nanos) / 1e6
}

function isWanted({ type, action, id, attributes }: EngineEvent, filters: Filters): boolean {
  return (
    matchesAny(filters, 'type', (wanted) => wanted === type) &&
    // `exec_start` stands for `exec_start: /bin/sh -c ...`.
    matchesAny(filters, 'event', (wanted) => wanted === action || action.startsWith(`${wanted}:`)) &&
    matchesAny(filters, 'container', (wanted) => id.startsWith(wanted) || attributes['name'] === wanted) &&
    matchesAny(filters, 'image', (wanted) => attributes['image'] === wanted) &&
    (filters.get('label') ?? []).every((label) => hasLabel(attributes, label))
  )
}

/** One line. `timeNano` is written digit by digit, as a JavaScript number cannot hold it. */
function encode(event: EngineEvent, { isNewForm }: { readonly isNewForm: boolean }): string {
  const { type, action, id, attributes, time } = event
  const fields = JSON.stringify({
    ...(isNewForm ? {} : { status: action, id, from: attributes['image'] }),
    Type: type,
    Action: action,
    Actor: { ID: id, Attributes: attributes },
    scope: 'local',
    time: time.seconds,
  })
  return `${fields.slice(0, -1)},"timeNano":${time.seconds}${String(time.nanos).padStart(9, '0')}}\n`
}
