import type { z } from 'zod'
import { explain } from './explain.ts'
import type { Environment } from './interpolate.ts'
import { type JsonSchema, toJsonSchema } from './json-schema.ts'
import type { SourceText } from './place.ts'
import { parse } from './parse.ts'
import type { Report } from './problem.ts'
import { type Fields, toPlain } from './tree.ts'

/** A document beside the configuration, read as that is: what its schema made of it, and where everything stands. */
export interface ReadDocument<Schema extends z.ZodType> {
  readonly value: z.output<Schema>
  readonly tree: Fields
}

/** Undefined where there are mistakes, which have been reported. */
export function readDocument<Schema extends z.ZodType>(
  source: SourceText,
  { schema, env, report }: { readonly schema: Schema; readonly env: Environment; readonly report: Report },
): ReadDocument<Schema> | undefined {
  const tree = parse(source, env, report)
  if (tree === undefined) return undefined
  const parsed = schema.safeParse(toPlain(tree))
  if (parsed.success) return { value: parsed.data, tree }
  const known: JsonSchema = toJsonSchema(schema)
  explain(parsed.error.issues, { tree, key: tree.place, path: [], schema: known }, report)
  return undefined
}
