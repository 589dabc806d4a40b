import type { z } from 'zod'
import type { QueueOptions } from '../component/queue-options.ts'
import type { ApiSettings } from './api-settings.ts'
import type { Registries, Section } from './component-spec.ts'
import type { OwnLogLevel } from './settings.ts'
import type { telemetrySettings } from './telemetry-settings.ts'

/** A configuration that holds: every option parsed, every input known, no cycle. */
export interface Config<R extends Registries = Registries> {
  /** As it was written: relative to the working directory. */
  readonly dataDir: string
  readonly sources: readonly ConfiguredSource<R['sources']>[]
  readonly transforms: readonly ConfiguredStage<R['transforms']>[]
  readonly sinks: readonly ConfiguredSink<R['sinks']>[]
  readonly api: ApiSettings
  readonly deadLetters: { readonly maxBytes: number }
  readonly telemetry: z.output<typeof telemetrySettings>
  readonly log: { readonly level: OwnLogLevel }
  /** What came from secret files (`${file:...}`), wherever it was put: never to be shown. */
  readonly secretTexts: readonly string[]
}

/** One of the section's types with its own options: a union told apart by `type`. */
export type ConfiguredSource<Specs extends Registries[Section]> = {
  [Type in keyof Specs & string]: {
    readonly id: string
    readonly type: Type
    readonly options: z.output<Specs[Type]['options']>
  }
}[keyof Specs & string]

/** A transform, or what a sink shares with it: it reads from `inputs`, the ids of sources and transforms. */
export type ConfiguredStage<Specs extends Registries[Section]> = ConfiguredSource<Specs> & {
  readonly inputs: readonly string[]
}

export type ConfiguredSink<Specs extends Registries[Section]> = ConfiguredStage<Specs> & {
  readonly queue: QueueOptions
}
