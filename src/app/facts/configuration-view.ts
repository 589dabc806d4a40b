import { stringify } from 'yaml'
import type { ConfigurationView } from '../../api/v1/schemas.ts'
import { shownConfig } from '../../config/shown-config.ts'
import { type CollectorConfig, registries } from '../registries.ts'

/** What is in force, without its secrets. */
export function configurationView(config: CollectorConfig): ConfigurationView {
  const configuration = shownConfig(config, registries)
  return { configuration, yaml: stringify(configuration) }
}
