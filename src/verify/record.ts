/**
 * What a destination holds, one record at a time: NDJSON of log-capturer, or of any other collector whose fields go by a usual name.
 */
import { lineFlags, visibleFlags } from '../batch/flags.ts'
import { parseTimestamp } from '../lib/timestamp.ts'
import { noTime } from './line-columns.ts'
import type { StreamName } from './truth.ts'

/** A line as a destination has it. What it does not say is undefined; time -1. */
export interface DeliveredRecord {
  readonly text: Buffer
  readonly seconds: number
  readonly nanos: number
  readonly stream: StreamName | undefined
  readonly containerId: string | undefined
  readonly containerName: string | undefined
  /** Bits of `lineFlags`. */
  readonly flags: number
}

export const fieldNames = ['message', 'time', 'stream', 'container_name', 'container_id'] as const
export type FieldName = (typeof fieldNames)[number]
/** A path of its own for a field; dots lead into objects. */
export type FieldPaths = Readonly<Partial<Record<FieldName, string>>>

/** Usual names, best first: those of log-capturer, Vector, Fluent Bit, Promtail, Filebeat, Fluentd and the engine's own files. */
const usualPaths: Readonly<Record<FieldName, readonly string[]>> = {
  message: ['message', 'log', 'msg', 'line', 'body', 'entry'],
  // Where the line goes by a time of its own, the engine's is the one that it is known by.
  time: ['engine_time', 'timestamp', '@timestamp', 'time', 'ts', 'date'],
  stream: ['stream', 'attrs.stream', 'labels.stream', 'source'],
  container_name: [
    'container.name',
    'container_name',
    'docker.container_name',
    'kubernetes.container_name',
    'labels.container_name',
    'labels.container',
    'container',
  ],
  container_id: ['container.id', 'container_id', 'docker.container_id', 'labels.container_id', 'docker.id'],
}

/** Reads one line of NDJSON; undefined when it is no record. */
export function parseRecord(json: string, paths: FieldPaths = {}): DeliveredRecord | undefined {
  let record: unknown
  try {
    record = JSON.parse(json)
  } catch {
    // Cut or damaged: the caller counts it.
    return undefined
  }
  const message = fieldOf(record, 'message', paths)
  if (typeof message !== 'string') return undefined
  const time = timeOf(fieldOf(record, 'time', paths))
  const stream = fieldOf(record, 'stream', paths)
  return {
    // Collectors that read the engine's files keep the line feed that the engine wrote.
    text: Buffer.from(message.endsWith('\n') ? message.slice(0, -1) : message),
    seconds: time?.seconds ?? noTime,
    nanos: time?.nanos ?? 0,
    stream: stream === 'stdout' || stream === 'stderr' ? stream : undefined,
    containerId: textOf(fieldOf(record, 'container_id', paths)),
    containerName: textOf(fieldOf(record, 'container_name', paths))?.replace(/^\//, ''),
    flags: flagsOf(at(record, 'flags')),
  }
}

function fieldOf(record: unknown, name: FieldName, paths: FieldPaths): unknown {
  const own = paths[name]
  if (own !== undefined) return at(record, own)
  for (const path of usualPaths[name]) {
    const value = at(record, path)
    if (typeof value === 'string' || typeof value === 'number') return value
  }
  return undefined
}

/** The value at a path of names joined by dots; names with dots in them are found, too. */
function at(record: unknown, path: string): unknown {
  if (typeof record !== 'object' || record === null) return undefined
  const fields = record as Record<string, unknown>
  if (Object.hasOwn(fields, path)) return fields[path]
  const dot = path.indexOf('.')
  return dot < 0 ? undefined : at(fields[path.slice(0, dot)], path.slice(dot + 1))
}

/** RFC 3339 text, or a number of seconds, milliseconds, microseconds or nanoseconds since 1970, told by its size. */
function timeOf(value: unknown): { seconds: number; nanos: number } | undefined {
  if (typeof value === 'string' && !/^\d+(\.\d+)?$/.test(value)) return parseTimestamp(value)
  if (typeof value !== 'string' && typeof value !== 'number') return undefined
  const [whole = '', fraction = ''] = String(value).split('.')
  // Seconds have 10 digits until the year 2286; whatever is behind them is the fraction.
  const digits = `${whole}${fraction}`
  if (whole.length < 10 || !/^\d+$/.test(digits)) return undefined
  return { seconds: Number(digits.slice(0, 10)), nanos: Number(digits.slice(10, 19).padEnd(9, '0')) }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function flagsOf(names: unknown): number {
  if (!Array.isArray(names)) return 0
  return visibleFlags.reduce((bits, [bit, name]) => (names.includes(name) ? bits | bit : bits), 0)
}

export const reasonOfFlags = (flags: number): string | undefined =>
  (flags & lineFlags.truncated) === 0 ? undefined : 'cut at max_line_bytes (flag truncated)'
