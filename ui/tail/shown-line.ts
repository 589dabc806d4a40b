import { formatBytes } from '../lib/format.ts'
import { plainText, visibleText } from '../lib/visible-text.ts'
import type { LineEntry } from './line-buffer.ts'

/** A row shows so much of a line; the rest is a click away. */
const rowChars = 600
/** Keys of JSON lines whose value is what the line says. */
const messageKeys = ['msg', 'message', 'event', 'text', 'log']

export interface ShownLine {
  readonly time: string
  /** What the line says, in one row. */
  readonly text: string
  /** Of a JSON line: its other fields, folded. */
  readonly fields: string
}

const known = new WeakMap<LineEntry, ShownLine>()

/** How a line stands in its row; made when it is first in view. */
export function shownLine(entry: LineEntry): ShownLine {
  const before = known.get(entry)
  if (before) return before
  const { line } = entry
  const { text, fields } = folded(line.text)
  // What transforms have found says more than what the line looks like.
  const found = line.fields === undefined ? fields : shownFields(Object.entries(line.fields))
  const made = { time: clockTime(line.time), text, fields: found }
  known.set(entry, made)
  return made
}

function folded(text: string): Pick<ShownLine, 'text' | 'fields'> {
  const object = jsonObject(text)
  if (object === undefined) return { text: plainText(text.slice(0, rowChars)), fields: '' }
  const key = messageKeys.find((name) => typeof object[name] === 'string')
  const others = Object.entries(object).filter(([name]) => name !== key)
  const message = key === undefined ? '' : String(object[key])
  return { text: plainText(message.slice(0, rowChars)), fields: shownFields(others) }
}

function shownFields(fields: readonly [string, unknown][]): string {
  const shown = fields.map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
  return plainText(shown.join(' ').slice(0, rowChars))
}

/** The whole line for reading: JSON over several rows, and whatever hides made visible. */
export function wholeText({ line: { text, cutBytes, fields } }: LineEntry): string {
  const object = jsonObject(text)
  const shown = object === undefined ? visibleText(text) : jsonText(object)
  const found = fields === undefined ? '' : `\nfields ${jsonText(fields)}`
  const more = cutBytes === undefined ? '' : `\n… ${formatBytes(cutBytes)} more are left out here; the sinks get them.`
  return `${shown}${more}${found}`
}

function jsonText(value: object): string {
  return JSON.stringify(value, null, 2)
    .split('\n')
    .map((row) => visibleText(row))
    .join('\n')
}

/** Undefined: the line is no JSON object. */
export function jsonObject(text: string): Record<string, unknown> | undefined {
  if (!text.startsWith('{')) return undefined
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch {
    return undefined // It only begins like one.
  }
}

/** The browser's own time of day, to the millisecond. */
function clockTime(time: string): string {
  const date = new Date(time)
  return `${date.toTimeString().slice(0, 8)}.${String(date.getMilliseconds()).padStart(3, '0')}`
}
