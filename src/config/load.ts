import { type Registries, sections } from './component-spec.ts'
import { readComponents } from './components.ts'
import type { Config } from './config.ts'
import { jsonSchema } from './document-schema.ts'
import { explain } from './explain.ts'
import { checkGraph } from './graph.ts'
import { type ConfigInput, readInput } from './input.ts'
import type { Environment } from './interpolate.ts'
import { toJsonSchema } from './json-schema.ts'
import { merge } from './merge.ts'
import { parse } from './parse.ts'
import { ConfigError, type Problem, type Report } from './problem.ts'
import { textsOfSecretFiles, withoutSecrets } from './secrets.ts'
import { settings } from './settings.ts'
import { type Fields, toPlain } from './tree.ts'

export interface LoadOptions<R extends Registries> {
  readonly registries: R
  readonly input: ConfigInput
  /** Where `${VAR}` is looked up. */
  readonly env: Environment
}

/**
 * Reads, merges and checks a configuration. Throws a `ConfigError` with everything that is wrong, and nothing else.
 *
 * @example
 * const input = { kind: 'files', files: ['log-capturer.yaml'] } as const
 * const config = loadConfig({ registries: { sources, transforms, sinks }, input, env: process.env })
 */
export function loadConfig<R extends Registries>({ registries, input, env }: LoadOptions<R>): Config<R> {
  const problems: Problem[] = []
  const report: Report = (problem) => problems.push(problem)

  const texts = readInput(input, report)
  const documents = texts.map((source) => ({ source, tree: parse(source, env, report) }))
  const [first, ...others] = documents.flatMap(({ tree }) => tree ?? [])
  const failure = () => new ConfigError(withoutSecrets(problems, documents, jsonSchema(registries)))
  const isComplete = documents.length === 1 + others.length && !problems.some(({ position }) => position === undefined)
  // Half a document would only be misunderstood.
  if (first === undefined || !isComplete) throw failure()

  const root = merge([first, ...others], report)
  const { components, nodes } = readComponents(root, registries, report)
  checkGraph(nodes, report)
  const common = readSettings(root, report)
  if (problems.length > 0 || common === undefined) throw failure()

  return {
    dataDir: common.data_dir,
    sources: components.sources,
    transforms: components.transforms,
    sinks: components.sinks,
    api: common.api,
    deadLetters: { maxBytes: common.dead_letters.max_bytes },
    telemetry: common.telemetry,
    log: common.log,
    secretTexts: textsOfSecretFiles([first, ...others]),
    // The components were looked up in these very registries and parsed by their schemas.
  } as unknown as Config<R>
}

/** Everything beside the components. */
function readSettings(root: Fields, report: Report) {
  const own = new Map([...root.entries].filter(([key]) => !(sections as readonly string[]).includes(key)))
  const tree: Fields = { ...root, entries: own }
  const parsed = settings.safeParse(toPlain(tree))
  if (parsed.success) return parsed.data
  const schema = toJsonSchema(settings)
  const withSections = { ...schema, properties: { ...schema.properties, sources: {}, transforms: {}, sinks: {} } }
  explain(parsed.error.issues, { tree, key: root.place, path: [], schema: withSections }, report)
  return undefined
}
