import { type CollectorConfig, registries } from '../app/registries.ts'
import type { ConfigInput } from '../config/input.ts'
import type { Environment } from '../config/interpolate.ts'
import { loadConfig } from '../config/load.ts'

/** Loads a configuration of the components there are. */
export function load(input: ConfigInput, env: Environment = process.env): CollectorConfig {
  return loadConfig({ registries, input, env })
}
