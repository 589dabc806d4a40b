import type { FieldValue } from '../../batch/fields/values.ts'

/**
 * What a script sees, and gives back.
 *
 *     // shape.mjs
 *     // @ts-check
 *     /** @type {import('log-capturer/script').Script} *\/
 *     export default (row) => {
 *       if (row.fields.status === 204) return false
 *       row.fields.seconds = Number(row.fields.ms) / 1000
 *     }
 */
export interface ScriptRow {
  /** The line; bytes that are no UTF-8 stand as U+FFFD. It may be changed. */
  text: string
  /** What transforms before have found. They may be changed, added and deleted. */
  fields: Record<string, FieldValue>
  /** The engine's time, in milliseconds since 1970. */
  readonly timeMs: number
  readonly stream: 'stdout' | 'stderr'
  readonly container: { readonly id: string; readonly name: string; readonly image: string }
  readonly labels: Readonly<Record<string, string>>
  readonly host: string
}

/** `false` takes the line out; anything else lets it go on, with what was changed. What it throws is counted, and the line goes on as it was. */
export type Script = (row: ScriptRow) => unknown
