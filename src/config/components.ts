import { resolve } from 'node:path'
import { z } from 'zod'
import type { QueueOptions } from '../component/queue-options.ts'
import { type ComponentSpec, kindOf, type Registries, type Section, sections } from './component-spec.ts'
import { componentSchema, idPattern, sharedOptions } from './document-schema.ts'
import { explain } from './explain.ts'
import type { GraphNode } from './graph.ts'
import { toJsonSchema } from './json-schema.ts'
import { twice } from './merge.ts'
import { nearest, suggest } from '../lib/nearest.ts'
import { problemAt } from './place.ts'
import type { Report } from './problem.ts'
import { type Entry, type Fields, toPlain, treeAt } from './tree.ts'

export interface Component {
  readonly id: string
  readonly type: string
  readonly options: unknown
  /** Sources have none. */
  readonly inputs?: readonly string[]
  /** Only sinks have one. */
  readonly queue?: QueueOptions
}

export interface Components {
  /** Those without problems. */
  readonly components: Readonly<Record<Section, readonly Component[]>>
  /** All of them. */
  readonly nodes: ReadonlyMap<string, GraphNode>
}

/** Reads the three sections of the document. */
export function readComponents(root: Fields, registries: Registries, report: Report): Components {
  const found = { sources: [] as Component[], transforms: [] as Component[], sinks: [] as Component[] }
  const nodes = new Map<string, GraphNode>()
  const entries = new Map<string, Entry>()
  const owners = new Map<string, string>()
  for (const section of sections) {
    for (const [id, entry] of sectionEntries(root, section, report)) {
      const first = entries.get(id)
      if (first !== undefined) {
        report(problemAt(entry.key, [section, id], twice(first)))
        continue
      }
      entries.set(id, entry)
      checkId(section, { id, entry }, report)
      const { component, inputs, outputs } = readComponent({ section, id, entry, specs: registries[section] }, report)
      const { holdsBack } = component ? (registries[section][component.type] ?? {}) : {}
      nodes.set(id, { id, kind: kindOf[section], path: [section, id], key: entry.key, inputs, outputs, holdsBack })
      if (component === undefined) continue
      found[section].push(component)
      checkPaths({ section, id, entry, specs: registries[section] }, { component, owners }, report)
    }
  }
  return { components: found, nodes }
}

function sectionEntries(root: Fields, section: Section, report: Report): Iterable<[string, Entry]> {
  const entry = root.entries.get(section)
  if (entry?.value.kind === 'leaf' && entry.value.isBroken) return []
  const isEmpty = entry === undefined || (entry.value.kind === 'leaf' && entry.value.value === null)
  if (!isEmpty && entry.value.kind === 'fields' && entry.value.entries.size > 0) return entry.value.entries
  if (!isEmpty && entry.value.kind !== 'fields') {
    const cure = `write "<id>:" below it, and "type:" below that`
    report(problemAt(entry.value.place, [section], { message: `must be a map from ids to ${section}`, cure }))
  } else if (section !== 'transforms' && !isMisspelt(root, section)) {
    report(problemAt(entry?.key ?? root.place, [section], { message: `there is no ${kindOf[section]}` }))
  }
  return []
}

function isMisspelt(root: Fields, section: Section): boolean {
  return [...root.entries.keys()].some((key) => key !== section && nearest(key, sections) === section)
}

function checkId(section: Section, { id, entry }: { id: string; entry: Entry }, report: Report): void {
  if (idPattern.test(id)) return
  const message = 'an id is made of up to 64 letters, digits, "_" and "-", and begins with a letter or digit'
  report(problemAt(entry.key, [section, id], { message }))
}

/** Reports paths that another component has, too: what the two write would be mixed up, and cut where one of them takes a failed write back. */
function checkPaths(
  { section, id, entry, specs }: Written,
  { component, owners }: { readonly component: Component; readonly owners: Map<string, string> },
  report: Report,
): void {
  for (const name of specs[component.type]?.exclusivePaths ?? []) {
    const value = (component.options as Readonly<Record<string, unknown>>)[name]
    if (typeof value !== 'string') continue
    const path = resolve(value)
    const owner = owners.get(path)
    if (owner === undefined) owners.set(path, `${section}.${id}.${name}`)
    else {
      const place = treeAt(entry.value, [name])?.place ?? entry.key
      const finding = { message: `${owner} is the same path`, cure: 'give each a path of its own' }
      report(problemAt(place, [section, id, name], finding))
    }
  }
}

/** What stands in a section below an id. */
export interface Written {
  readonly section: Section
  readonly id: string
  readonly entry: Entry
  readonly specs: Readonly<Record<string, ComponentSpec>>
}

interface Read {
  readonly component?: Component
  readonly inputs: GraphNode['inputs']
  readonly outputs: GraphNode['outputs']
}

/** A component, checked by the schema of its type; without one where there are problems, which have been reported. */
export function readComponent(written: Written, report: Report): Read {
  const { section, id, entry } = written
  const spec = specOf(written, report)
  const inputs = section === 'sources' ? [] : inputsOf(written)
  if (spec === undefined) return { inputs, outputs: 'unknown' }

  const { own, shared } = optionsOf(section, entry)
  const parsedOwn = spec.options.safeParse(own)
  const parsedShared = z.strictObject(sharedOptions[section]).safeParse(shared)
  const issues = [...(parsedShared.error?.issues ?? []), ...(parsedOwn.error?.issues ?? [])]
  if (issues.length > 0) {
    const schema = toJsonSchema(componentSchema(section, spec))
    explain(issues, { tree: entry.value, key: entry.key, path: [section, id], schema }, report)
    return { inputs, outputs: spec.outputs && 'unknown' }
  }
  const outputs = spec.outputs?.(parsedOwn.data as never)
  return { inputs, outputs, component: { id, type: spec.name, options: parsedOwn.data, ...parsedShared.data } }
}

/** What stands below a component's id, apart: its own options, and those that every component of the section takes. */
function optionsOf(section: Section, entry: Entry): { own: Record<string, unknown>; shared: Record<string, unknown> } {
  const { type: _type, ...given } = toPlain(entry.value) as Record<string, unknown>
  const isShared = ([key]: [string, unknown]) => Object.hasOwn(sharedOptions[section], key)
  const entries = Object.entries(given)
  return {
    own: Object.fromEntries(entries.filter((one) => !isShared(one))),
    shared: Object.fromEntries(entries.filter(isShared)),
  }
}

/** The specification that the component's `type` names. */
function specOf({ section, id, entry, specs }: Written, report: Report): ComponentSpec | undefined {
  const known = Object.keys(specs)
  const kind = kindOf[section]
  const type = treeAt(entry.value, ['type'])
  if ([entry.value, type].some((tree) => tree?.kind === 'leaf' && tree.isBroken)) return undefined
  if (type?.kind === 'leaf' && typeof type.value === 'string') {
    if (Object.hasOwn(specs, type.value)) return specs[type.value]
    const cure = suggest(type.value, known, `known ${section}`)
    report(
      problemAt(type.place, [section, id, 'type'], { message: `there is no ${kind} of type "${type.value}"`, cure }),
    )
    return undefined
  }
  const keys = entry.value.kind === 'fields' ? [...entry.value.entries] : []
  const misspelt = type === undefined ? keys.find(([key]) => nearest(key, ['type']) !== undefined) : undefined
  if (misspelt !== undefined) {
    const [key, { key: place }] = misspelt
    report(problemAt(place, [section, id, key], { message: 'unknown key', cure: 'did you mean "type"?' }))
  } else {
    const cure = `write "type:" and one of ${known.join(', ')}`
    report(problemAt(type?.place ?? entry.key, [section, id], { message: `this ${kind} has no type`, cure }))
  }
  return undefined
}

function inputsOf({ section, id, entry }: Written): GraphNode['inputs'] {
  const list = treeAt(entry.value, ['inputs'])
  if (list?.kind !== 'list' || list.items.length === 0) return undefined
  const inputs = []
  for (const [index, item] of list.items.entries()) {
    if (item.kind !== 'leaf' || item.isBroken || typeof item.value !== 'string') return undefined
    inputs.push({ id: item.value, place: item.place, path: [section, id, 'inputs', index] })
  }
  return inputs
}
