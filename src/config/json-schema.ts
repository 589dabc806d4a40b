import { z } from 'zod'
import { formatDuration } from '../lib/units.ts'

/** As much of a JSON Schema as is read here. */
export interface JsonSchema {
  readonly type?: string | readonly string[]
  readonly title?: string
  readonly description?: string
  readonly default?: unknown
  readonly examples?: readonly unknown[]
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly pattern?: string
  /** A secret: `.meta({ secret: true })`. */
  readonly writeOnly?: boolean
  readonly minimum?: number
  readonly maximum?: number
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: JsonSchema | boolean
  readonly items?: JsonSchema | boolean
  readonly anyOf?: readonly JsonSchema[]
  readonly oneOf?: readonly JsonSchema[]
}

/** What a schema takes, as a JSON Schema (draft 2020-12). */
export function toJsonSchema(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', override: keepMeta }) as JsonSchema
}

/** Zod leaves out defaults and examples where a value is transformed, since they may be of the output. Ours are told as they are written. */
function keepMeta({
  zodSchema,
  jsonSchema,
}: {
  zodSchema: z.core.$ZodTypes
  jsonSchema: z.core.JSONSchema.BaseSchema
}) {
  const examples = z.globalRegistry.get(zodSchema)?.examples
  if (Array.isArray(examples)) jsonSchema.examples = examples
  if (jsonSchema['secret'] === true) {
    // The word of JSON Schema for it.
    delete jsonSchema['secret']
    jsonSchema.writeOnly = true
  }
  const { def } = zodSchema._zod
  if (def.type !== 'default' && def.type !== 'prefault') return
  const value: unknown = def.defaultValue
  // The default of a time span is milliseconds, but nobody may write it so.
  const isTimeSpan = typeof value === 'number' && jsonSchema.type === 'string'
  jsonSchema.default = isTimeSpan ? formatDuration(value) : value
}

/** Every alternative of a schema, itself included. */
export function alternatives(schema: JsonSchema): readonly JsonSchema[] {
  const inner = [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])]
  return [schema, ...inner.flatMap(alternatives)]
}

/** The schemas that may describe what is at `path`. */
export function schemasAt(schema: JsonSchema, path: readonly PropertyKey[]): readonly JsonSchema[] {
  let at = alternatives(schema)
  for (const segment of path) at = at.flatMap((one) => inside(one, segment)).flatMap(alternatives)
  return at
}

function inside(schema: JsonSchema, segment: PropertyKey): readonly JsonSchema[] {
  const { properties, additionalProperties, items } = schema
  if (typeof segment === 'number') return typeof items === 'object' ? [items] : []
  const key = String(segment)
  if (properties !== undefined && Object.hasOwn(properties, key)) return [properties[key]!]
  return typeof additionalProperties === 'object' ? [additionalProperties] : []
}

/** The keys that a map at `path` may have. */
export function keysAt(schema: JsonSchema, path: readonly PropertyKey[]): readonly string[] {
  return [...new Set(schemasAt(schema, path).flatMap((one) => Object.keys(one.properties ?? {})))]
}
