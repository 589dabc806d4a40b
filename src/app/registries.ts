import type { Config } from '../config/config.ts'
import * as sinks from '../sinks/registry.ts'
import * as sources from '../sources/registry.ts'
import * as transforms from '../transforms/registry.ts'

/** Every component there is, by kind and type: what configuration, command line and documents are made from. */
export const registries = { sources, transforms, sinks }

/** A configuration of these components. */
export type CollectorConfig = Config<typeof registries>
