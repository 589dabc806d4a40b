import { z } from 'zod'
import { queueOptions } from '../component/queue-options.ts'
import { allowReferences } from './allow-references.ts'
import { type ComponentSpec, type Registries, type Section, sections } from './component-spec.ts'
import { type JsonSchema, toJsonSchema } from './json-schema.ts'
import { settings } from './settings.ts'

/** Ids become part of file names, metric labels and cursor keys. */
export const idPattern = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/

export const inputsSchema = z
  .array(z.string().min(1))
  .min(1)
  .meta({ description: 'Ids of the sources and transforms to read from.' })

/** What every component of a section takes beside its own options. */
export const sharedOptions = {
  sources: {},
  transforms: { inputs: inputsSchema },
  sinks: { inputs: inputsSchema, queue: queueOptions },
} as const satisfies Record<Section, z.ZodRawShape>

const sectionDescriptions: Readonly<Record<Section, string>> = {
  sources: 'Where lines come from, by ids of your choice.',
  transforms: 'What is done with lines on their way, by ids of your choice.',
  sinks: 'Where lines go, by ids of your choice.',
}

/** The JSON Schema (draft 2020-12) of the whole document, for editors. */
export function jsonSchema(registries: Registries): JsonSchema {
  const document = z.strictObject({ ...settings.shape, ...sectionsShape(registries) }).meta({ title: 'log-capturer' })
  return allowReferences(toJsonSchema(document))
}

/** Everything that may stand below a component's id; options are checked by the component's own schema, refinements included. */
export function componentSchema(section: Section, spec: ComponentSpec) {
  const type = z.literal(spec.name).meta({ description: spec.summary })
  return z.strictObject({ type, ...sharedOptions[section], ...spec.options.shape }).meta({ description: spec.summary })
}

function sectionsShape(registries: Registries): Record<string, z.ZodType> {
  const shape: Record<string, z.ZodType> = {}
  for (const section of sections) {
    const [first, ...others] = Object.values(registries[section]).map((spec) => componentSchema(section, spec))
    if (first === undefined) continue
    const components = z.record(z.string().regex(idPattern), z.discriminatedUnion('type', [first, ...others]))
    shape[section] = components.optional().meta({ description: sectionDescriptions[section] })
  }
  return shape
}
