/**
 * One line of a batch as one JSON object (RFC 8259) and a line feed:
 *
 *     {"timestamp":"2026-11-23T12:48:58.320504526Z","message":"...","stream":"stdout","container":{"id":"...","name":"...","image":"..."},
 *      "labels":{...},"host":"...","flags":["truncated"]}
 *
 * with `"fields":{"level":"info","status":200}` behind the message where transforms have found any, and `"engine_time"`
 * where they have found a time. Everything after that is the same for all lines of a stream and is
 * encoded once.
 */
import { visibleFlags } from '../../batch/flags.ts'
import type { Records } from '../../batch/json/record-form.ts'
import { jsonRecords } from '../../batch/json/records.ts'
import { shownNanos, shownSeconds } from '../../batch/line-time.ts'
import type { Origin } from '../../batch/origin.ts'

const visibleMask = visibleFlags.reduce((mask, [bit]) => mask | bit, 0)

export function ndjsonRecords(): Records {
  const tails = new WeakMap<Origin, (Buffer | undefined)[]>()
  const tailOf = (origin: Origin, flags: number) => {
    let known = tails.get(origin)
    if (!known) tails.set(origin, (known = []))
    return (known[flags & visibleMask] ??= tailFor(origin, flags))
  }
  return jsonRecords({
    before: '{"timestamp":"',
    time: 'rfc3339',
    between: '","message":"',
    secondsOf: shownSeconds,
    nanosOf: shownNanos,
    tailOf,
    fields: { before: '",', open: '"fields":{', close: '}', asText: false, nameOf: (name) => name },
  })
}

function tailFor({ stream, container, labels, host }: Origin, flags: number): Buffer {
  const { id, name, image } = container
  const names = visibleFlags.filter(([bit]) => (flags & bit) !== 0).map(([, flag]) => flag)
  const shown = names.length === 0 ? {} : { flags: names }
  const text = JSON.stringify({ stream, container: { id, name, image }, labels, host, ...shown })
  return Buffer.from(`",${text.slice(1, -1)}}\n`)
}
