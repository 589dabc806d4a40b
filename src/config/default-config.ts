import { escapeReferences } from './interpolate.ts'

/** What is run when no configuration is given: the logs of all containers, as files. */
export function defaultConfig(dataDir: string): string {
  return `data_dir: ${quoted(dataDir)}
sources:
  engine:
    type: docker
sinks:
  files:
    type: file
    inputs: [engine]
    path: ${quoted(`${dataDir}/logs/{container.name}.{stream}.log`)}
    format: text
`
}

/** JSON text is YAML text. */
function quoted(text: string): string {
  return JSON.stringify(escapeReferences(text))
}
