import { type ComponentKind, type ComponentSpec, kindOf, type Registries, sections } from './component-spec.ts'
import { alternatives, type JsonSchema, toJsonSchema } from './json-schema.ts'
import { renderPath } from './place.ts'

export interface ListedComponent {
  readonly kind: ComponentKind
  readonly type: string
  readonly summary: string
}

/** Every component there is, by kind and name. */
export function componentList(registries: Registries): readonly ListedComponent[] {
  return sections.flatMap((section) =>
    Object.values(registries[section])
      .map(({ name, summary }) => ({ kind: kindOf[section], type: name, summary }))
      .sort((a, b) => (a.type < b.type ? -1 : 1)),
  )
}

/** One key of a component's options, for people. */
export interface OptionRow {
  /** Below the component: `path`, `tls.verify`, `rules[].match`, `labels.*`. */
  readonly path: string
  /** `text`, `whole number, 1 to 9`, `list of text`, `"gzip" or "none"`. */
  readonly type: string
  readonly isRequired: boolean
  /** As it would be written; undefined where there is none. */
  readonly default: string | undefined
  readonly description: string
  readonly examples: readonly string[]
}

/** All options of a component, in the order of its schema, nested ones after the key they are in. */
export function optionTable(spec: Pick<ComponentSpec, 'options'>): readonly OptionRow[] {
  const rows = rowsBelow(toJsonSchema(spec.options), [])
  // Alternatives of a union share keys, such as the one that tells them apart.
  const paths = [...new Set(rows.map(({ path }) => path))]
  return paths.map((path) => joinRows(rows.filter((row) => row.path === path)))
}

function rowsBelow(schema: JsonSchema, path: readonly string[]): readonly OptionRow[] {
  return alternatives(schema).flatMap((one) => {
    const fields = Object.entries(one.properties ?? {}).flatMap(([key, inner]) => {
      const isRequired = one.required?.includes(key) ?? false
      return [rowOf(inner, [...path, key], isRequired), ...rowsBelow(inner, [...path, key])]
    })
    const items =
      typeof one.items === 'object' ? rowsBelow(one.items, [...path.slice(0, -1), `${path.at(-1) ?? ''}[]`]) : []
    const values =
      typeof one.additionalProperties === 'object' ? rowsBelow(one.additionalProperties, [...path, '*']) : []
    return [...fields, ...items, ...values]
  })
}

function rowOf(schema: JsonSchema, path: readonly string[], isRequired: boolean): OptionRow {
  return {
    path: renderPath(path),
    type: typeText(schema),
    isRequired,
    default: schema.default === undefined ? undefined : written(schema.default),
    description: schema.description ?? '',
    examples: (schema.examples ?? []).map(written),
  }
}

function joinRows(rows: readonly OptionRow[]): OptionRow {
  const first = rows[0]!
  return { ...first, type: [...new Set(rows.map(({ type }) => type))].join(' or ') }
}

/** What may be written for a schema, in a few words. */
function typeText(schema: JsonSchema): string {
  if (schema.title !== undefined) return schema.title
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(' or ')
  const inner = schema.anyOf ?? schema.oneOf
  if (inner !== undefined) return [...new Set(inner.map(typeText))].join(' or ')
  if (Array.isArray(schema.type)) return schema.type.map((type: string) => typeText({ ...schema, type })).join(' or ')
  switch (schema.type) {
    case 'null':
      return 'null'
    case 'string':
      return 'text'
    case 'boolean':
      return 'true or false'
    case 'integer':
      return `whole number${boundsText(schema)}`
    case 'number':
      return `number${boundsText(schema)}`
    case 'array':
      return typeof schema.items === 'object' ? `list of ${typeText(schema.items)}` : 'list'
    case 'object':
      return typeof schema.additionalProperties === 'object' ? `map to ${typeText(schema.additionalProperties)}` : 'map'
    default:
      return 'any value'
  }
}

/** `, 1 to 9`; the ends of the safe integers are no bounds that anyone asked for. */
function boundsText({ minimum, maximum }: JsonSchema): string {
  const low = minimum === undefined || minimum === Number.MIN_SAFE_INTEGER ? undefined : minimum
  const high = maximum === undefined || maximum === Number.MAX_SAFE_INTEGER ? undefined : maximum
  if (low !== undefined && high !== undefined) return `, ${low} to ${high}`
  if (low !== undefined) return `, at least ${low}`
  return high === undefined ? '' : `, at most ${high}`
}

function written(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
