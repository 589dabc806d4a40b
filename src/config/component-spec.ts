import type { z } from 'zod'

/** What a configuration needs to know of a component; every source, transform and sink specification is one. */
export interface ComponentSpec {
  readonly name: string
  readonly summary: string
  readonly options: z.ZodObject
  /** What others may read from it as `ID.NAME`; without them its lines are read by its id alone. */
  readonly outputs?: (options: never) => readonly string[]
  /** It joins lines of a stream, which have to come by one way. */
  readonly holdsBack?: true
  /** Options that are paths which no two components may share. */
  readonly exclusivePaths?: readonly string[]
}

/** Specifications by their names: the modules `registry.ts`, or toys in tests. */
export interface Registries {
  readonly sources: Readonly<Record<string, ComponentSpec>>
  readonly transforms: Readonly<Record<string, ComponentSpec>>
  readonly sinks: Readonly<Record<string, ComponentSpec>>
}

export const sections = ['sources', 'transforms', 'sinks'] as const
export type Section = (typeof sections)[number]

/** What one component of a section is called. */
export const kindOf = { sources: 'source', transforms: 'transform', sinks: 'sink' } as const
export type ComponentKind = (typeof kindOf)[Section]
