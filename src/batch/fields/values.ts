import { type Fields, valueKinds } from './fields.ts'
import type { FieldsBuilder } from './fields-builder.ts'

/** A value as JavaScript has it: for tests, people and scripts, never on the hot path. */
export type FieldValue = string | number | boolean | null | FieldValue[] | { [name: string]: FieldValue }

/** The values of a row by name; undefined: it has none. */
export function valuesOf(fields: Fields | undefined, row: number): Record<string, FieldValue> | undefined {
  if (fields === undefined) return undefined
  const { first, name } = fields.columns
  if (first[row] === first[row + 1]) return undefined
  const entries: [string, FieldValue][] = []
  for (let value = first[row]!; value < first[row + 1]!; value++)
    entries.push([fields.names[name[value]!]!, valueOf(fields, value)])
  // Unlike an assignment it makes an own property of `__proto__`, too.
  return Object.fromEntries(entries)
}

export function valueOf(fields: Fields, value: number): FieldValue {
  const text = fields.textOf(value)
  return fields.columns.kind[value] === valueKinds.text ? text : (JSON.parse(text) as FieldValue)
}

/** The values of a row as a JSON object, with numbers as they were written, however many digits they have; undefined: it has none. */
export function jsonOfRow(fields: Fields | undefined, row: number): string | undefined {
  if (fields === undefined) return undefined
  const { first, name, kind } = fields.columns
  if (first[row] === first[row + 1]) return undefined
  const members: string[] = []
  for (let value = first[row]!; value < first[row + 1]!; value++) {
    const text = fields.textOf(value)
    const json = kind[value] === valueKinds.text ? JSON.stringify(text) : text
    members.push(`${JSON.stringify(fields.names[name[value]!])}:${json}`)
  }
  return `{${members.join(',')}}`
}

/** Gives the builder's present row this value. */
export function setValue(builder: FieldsBuilder, name: number, value: FieldValue): void {
  builder.setText(name, writtenValue(value), kindOf(value))
}

/** A value as fields keep it. */
export interface EncodedValue {
  readonly kind: number
  readonly bytes: Buffer
}

/** For a value that many rows get: it is encoded once. */
export function encodeValue(value: FieldValue): EncodedValue {
  return { kind: kindOf(value), bytes: Buffer.from(writtenValue(value)) }
}

function writtenValue(value: FieldValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function kindOf(value: FieldValue): number {
  if (typeof value === 'string') return valueKinds.text
  if (value === null) return valueKinds.null
  if (typeof value === 'number') return Number.isFinite(value) ? valueKinds.number : valueKinds.null
  return typeof value === 'boolean' ? valueKinds.boolean : valueKinds.json
}
