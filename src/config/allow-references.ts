import type { JsonSchema } from './json-schema.ts'

const reference: JsonSchema = { type: 'string', pattern: '\\$\\{.+\\}', description: 'A reference, such as ${VAR}.' }

/**
 * The schema of a document before interpolation: `keep: ${KEEP}` is text for an editor, and only then a number. What tells
 * components apart stays as it is, so that editors can.
 */
export function allowReferences(schema: JsonSchema): JsonSchema {
  const inner = withInner(schema)
  const isText = schema.type === 'string' && schema.pattern === undefined && schema.enum === undefined
  if (schema.const !== undefined || isText || !isScalar(schema.type)) return inner
  const { title, description, default: standIn, examples, ...rest } = inner
  const about = Object.entries({ title, description, default: standIn, examples }).filter(
    ([, value]) => value !== undefined,
  )
  return { ...Object.fromEntries(about), anyOf: [rest, reference] }
}

function isScalar(type: JsonSchema['type']): boolean {
  return type === 'string' || type === 'integer' || type === 'number' || type === 'boolean'
}

function withInner(schema: JsonSchema): JsonSchema {
  const { properties, items, additionalProperties, anyOf, oneOf } = schema
  return {
    ...schema,
    ...(properties && { properties: mapValues(properties) }),
    ...(typeof items === 'object' && { items: allowReferences(items) }),
    ...(typeof additionalProperties === 'object' && { additionalProperties: allowReferences(additionalProperties) }),
    ...(anyOf && { anyOf: anyOf.map(allowReferences) }),
    ...(oneOf && { oneOf: oneOf.map(allowReferences) }),
  }
}

function mapValues(properties: Readonly<Record<string, JsonSchema>>): Record<string, JsonSchema> {
  return Object.fromEntries(Object.entries(properties).map(([key, inner]) => [key, allowReferences(inner)]))
}
