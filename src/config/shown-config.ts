import { formatDuration } from '../lib/units.ts'
import { apiSettings } from './api-settings.ts'
import { type ComponentSpec, type Registries, type Section, sections } from './component-spec.ts'
import type { Config } from './config.ts'
import { componentSchema } from './document-schema.ts'
import { type JsonSchema, schemasAt, toJsonSchema } from './json-schema.ts'
import { telemetrySettings } from './telemetry-settings.ts'

const hidden = '***'

interface Component {
  readonly id: string
  readonly type: string
  readonly options: object
  readonly inputs?: readonly string[]
  readonly queue?: object
}

/**
 * A configuration that is in force as it could be written, defaults included, for people. Without secrets: values of options that a schema marks as secret,
 * what came from secret files, and passwords within addresses.
 */
export function shownConfig<R extends Registries>(config: Config<R>, registries: R): Record<string, unknown> {
  const { dataDir, api, deadLetters, telemetry, log, secretTexts } = config
  const { listen, ...otherApi } = api
  const shown = {
    data_dir: dataDir,
    ...Object.fromEntries(
      sections.map((section) => [section, shownSection(section, config[section], registries[section])]),
    ),
    api: {
      ...(shownValue(otherApi, [toJsonSchema(apiSettings)]) as object),
      listen:
        listen === 'off' ? 'off' : `${listen.host.includes(':') ? `[${listen.host}]` : listen.host}:${listen.port}`,
    },
    dead_letters: { max_bytes: sizeText(deadLetters.maxBytes) },
    telemetry: shownValue(telemetry, [toJsonSchema(telemetrySettings)]),
    log,
  }
  return withoutTexts(shown, secretTexts) as Record<string, unknown>
}

function shownSection(
  section: Section,
  components: readonly Component[],
  specs: Readonly<Record<string, ComponentSpec>>,
): Record<string, unknown> {
  const entries = components.map(({ id, type, options, inputs, queue }) => {
    const schema = toJsonSchema(componentSchema(section, specs[type]!))
    const written = { type, ...(inputs ? { inputs } : {}), ...options, ...(queue ? { queue } : {}) }
    return [id, shownValue(written, [schema])]
  })
  return Object.fromEntries(entries) as Record<string, unknown>
}

/** `schemas`: those that may describe the value. */
function shownValue(value: unknown, schemas: readonly JsonSchema[]): unknown {
  if (schemas.some(({ writeOnly }) => writeOnly === true)) return value === undefined ? undefined : hidden
  const below = (key: PropertyKey, inner: unknown) => shownValue(inner, schemasAt({ anyOf: schemas }, [key]))
  if (Array.isArray(value)) return value.map((item, index) => below(index, item))
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(
      Object.entries(value)
        .filter(([, inner]) => inner !== undefined)
        .map(([key, inner]) => [key, below(key, inner)]),
    )
  if (typeof value !== 'number') return value
  if (schemas.some(({ title }) => title === 'time span')) return formatDuration(value)
  return schemas.some(({ title }) => title === 'size') ? sizeText(value) : value
}

/** As it may be written, exactly. */
function sizeText(bytes: number): string | number {
  for (const [unit, size] of [
    ['GiB', 2 ** 30],
    ['MiB', 2 ** 20],
    ['KiB', 2 ** 10],
  ] as const)
    if (bytes >= size && bytes % size === 0) return `${bytes / size}${unit}`
  return bytes
}

function withoutTexts(value: unknown, texts: readonly string[]): unknown {
  if (typeof value === 'string') {
    const without = texts.reduce((shown, text) => shown.replaceAll(text, hidden), value)
    return without.replace(/(\w:\/\/[^/\s:@]*):[^/\s@]*@/g, `$1:${hidden}@`)
  }
  if (Array.isArray(value)) return value.map((item) => withoutTexts(item, texts))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutTexts(inner, texts)]))
}
