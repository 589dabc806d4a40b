/** For tests: what the transform finds. */
import type { FieldValue } from '../../batch/fields/values.ts'
import { rowsOf } from '../../batch/row.ts'
import { BatchMaker, type TestLine } from '../../batch/testing.ts'
import type { TransformContext } from '../../component/transform.ts'
import { parse } from './parse.ts'

type Written = Parameters<typeof parse.options.parse>[0]
export type FoundFields = Readonly<Record<string, FieldValue>> | undefined

/** Failures are counted where nobody looks. */
const metrics = { parseFailures: { inc: () => undefined } } as unknown as TransformContext['metrics']

/** What is found in each line. */
export function found(written: Written, lines: readonly (TestLine | string)[]): readonly FoundFields[] {
  const transform = parse.create(parse.options.parse(written), { id: 'parse', metrics })
  const batch = new BatchMaker().batchOf(lines.map((line) => (typeof line === 'string' ? { text: line } : line)))
  const made = transform.apply(batch)
  const fields = rowsOf(made).map((row) => row.fields)
  if (made !== batch) made.release()
  batch.release()
  return fields
}

export function fieldsOf(written: Written, line: string | Buffer): FoundFields {
  return found(written, [{ text: line }])[0]
}

/** What is said of options that are refused, with where. */
export function mistakesOf(written: Written): readonly string[] {
  const { error } = parse.options.safeParse(written)
  return (error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`)
}
