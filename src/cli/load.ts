import { registries } from '../app/registries.ts'
import type { Registries } from '../config/component-spec.ts'
import type { Config } from '../config/config.ts'
import type { ConfigInput } from '../config/input.ts'
import type { Environment } from '../config/interpolate.ts'
import { loadConfig } from '../config/load.ts'

/** Loads a configuration of the components there are. */
export function load(input: ConfigInput, env: Environment = process.env): Config {
  return loadConfig<Registries>({ registries, input, env })
}
