import { readFileSync } from 'node:fs'
import { parse } from 'csv-parse/sync'
import { type EncodedValue, encodeValue, type FieldValue } from '../../batch/fields/values.ts'
import { LogCapturerError, messageOf } from '../../lib/error.ts'
import type { EnrichOptions } from './schema.ts'

/** The table of an `enrich` transform cannot be used. */
export class TableError extends LogCapturerError {
  readonly code = 'ENRICH_TABLE'
}

type Record = { readonly [column: string]: FieldValue }

/** A field that a text that is looked up gives. */
export interface TableField extends EncodedValue {
  readonly name: string
}

export type Table = ReadonlyMap<string, readonly TableField[]>

/** @throws TableError */
export function readTable({ file, column, fields, prefix }: EnrichOptions): Table {
  const records = recordsOf(file)
  const columns = [...new Set(records.flatMap(Object.keys))]
  const key = column ?? columns[0]
  const missing = [...(key === undefined ? [] : [key]), ...fields].find((name) => !columns.includes(name))
  if (missing !== undefined && records.length > 0)
    throw new TableError(`${file} has no column "${missing}"`, { hint: `it has ${columns.join(', ')}` })
  const wanted = fields.length > 0 ? fields : columns.filter((name) => name !== key)
  return new Map(
    records.map((record) => [
      textOf(record[key!]),
      wanted.flatMap((name) => {
        const value = record[name]
        return value === undefined || value === '' ? [] : [{ name: `${prefix}${name}`, ...encodeValue(value) }]
      }),
    ]),
  )
}

function recordsOf(file: string): readonly Record[] {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    throw new TableError(`cannot read the table ${file}: ${messageOf(cause)}`, {
      hint: 'give the path of a file that the collector may read',
      cause,
    })
  }
  try {
    return /^\s*[[{]/.test(text)
      ? recordsOfJson(JSON.parse(text))
      : parse(text, { columns: true, bom: true, trim: true, skip_empty_lines: true })
  } catch (cause) {
    throw new TableError(`${file} is no table: ${messageOf(cause)}`, {
      hint: 'write CSV with names in its first line, or JSON: an array of objects, or an object of objects by their key',
      cause,
    })
  }
}

/** Of an object of objects the keys are the first column. */
function recordsOfJson(value: unknown): readonly Record[] {
  const records = Object.entries(value as object) as [string, unknown][]
  if (!records.every(([, record]) => typeof record === 'object' && record !== null && !Array.isArray(record)))
    throw new Error('it holds something else than objects')
  return records.map(([key, record]) => (Array.isArray(value) ? (record as Record) : { key, ...(record as Record) }))
}

function textOf(value: FieldValue | undefined): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? '')
}
