/**
 * A line of a body, which is a JSON object:
 *
 *     text | message | line   string: the text of the line
 *     time                    RFC 3339, or seconds since 1970; the time of its coming where it is not given
 *     container, image, host  string
 *     stream                  "stdout" | "stderr"
 *     labels                  object of strings
 *
 * With any other field the line is the whole object, byte for byte: nothing that a client says is left out.
 */
import { parseTimestamp } from '../../lib/timestamp.ts'

export interface PostedLine {
  /** Undefined: the JSON as it came. */
  readonly text: string | undefined
  readonly time: { readonly seconds: number; readonly nanos: number } | undefined
  readonly container: string | undefined
  readonly stream: 'stdout' | 'stderr' | undefined
  readonly image: string | undefined
  readonly host: string | undefined
  readonly labels: Readonly<Record<string, string>> | undefined
}

const textFields = ['text', 'message', 'line'] as const
const fields: ReadonlySet<string> = new Set([...textFields, 'time', 'container', 'stream', 'image', 'host', 'labels'])
/** 9999-12-31: what is beyond is milliseconds. */
const maxSeconds = 253_402_300_799

/** @returns what is wrong with it, in the place of a line that is none */
export function readLine(json: string): PostedLine | string {
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch {
    return 'is no JSON'
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'is no JSON object'
  const line = value as Readonly<Record<string, unknown>>
  const { stream, labels } = line
  for (const name of ['container', 'image', 'host'] as const)
    if (line[name] !== undefined && typeof line[name] !== 'string') return `${name} is no string`
  if (stream !== undefined && stream !== 'stdout' && stream !== 'stderr') return 'stream is neither stdout nor stderr'
  if (labels !== undefined && !isTexts(labels)) return 'labels is no object of strings'
  const time = line['time'] === undefined ? undefined : readTime(line['time'])
  if (time === null) return 'time is neither RFC 3339 nor seconds since 1970'
  const texts = textFields.filter((name) => line[name] !== undefined)
  const isWhole = texts.length !== 1 || Object.keys(line).some((name) => !fields.has(name))
  const text = line[texts[0] ?? '']
  if (!isWhole && typeof text !== 'string') return `${texts[0]!} is no string`
  if (isWhole && texts.length === 0 && Object.keys(line).every((name) => fields.has(name)))
    return 'has none of text, message and line'
  return {
    text: isWhole ? undefined : (text as string),
    time,
    container: line['container'] as string | undefined,
    stream,
    image: line['image'] as string | undefined,
    host: line['host'] as string | undefined,
    labels,
  }
}

function isTexts(value: unknown): value is Readonly<Record<string, string>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  return Object.values(value).every((one) => typeof one === 'string')
}

/** Null: it is none. */
function readTime(value: unknown): { seconds: number; nanos: number } | null {
  if (typeof value === 'string') return parseTimestamp(value) ?? null
  if (typeof value !== 'number' || value < 0 || value > maxSeconds) return null
  // A double has some hundred nanoseconds today: what lies below a microsecond is not the client's.
  const micros = Math.round((value % 1) * 1e6)
  return { seconds: Math.floor(value) + Math.floor(micros / 1e6), nanos: (micros % 1e6) * 1_000 }
}
