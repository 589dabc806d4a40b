import type { ComponentSpec } from '../../config/component-spec.ts'
import type { Environment } from '../../config/interpolate.ts'
import { loadChain } from '../../config/load-chain.ts'
import { LogCapturerError } from '../../lib/error.ts'
import { inputName } from '../../lib/input-name.ts'
import { suggest } from '../../lib/nearest.ts'
import { type CollectorConfig, registries } from '../registries.ts'

/** It cannot be said which lines are meant. */
export class TryError extends LogCapturerError {
  readonly code = 'TRY'
}

/** The transforms that lines are passed through, and where they are looked at. */
export interface TriedPart {
  readonly transforms: CollectorConfig['transforms']
  readonly sourceId: string
  readonly ends: readonly TriedEnd[]
}

export interface TriedEnd {
  /** The output of a transform that has several; undefined where there is one way out. */
  readonly output: string | undefined
  readonly inputs: readonly string[]
}

const sourceOfChain = 'lines'

/** Transforms as they are written in a configuration, or expressions that lines have to meet, one after the other. @throws ConfigError */
export function chainOf(given: readonly string[], env: Environment): TriedPart {
  const texts = given.map((text) => (isTransform(text) ? text : filterBy(text)))
  const { transforms, outputs } = loadChain({ registries, texts, sourceId: sourceOfChain, env })
  return { transforms, sourceId: sourceOfChain, ends: endsOf(String(texts.length), outputs) }
}

/** In braces, or over several lines with a type. */
function isTransform(text: string): boolean {
  return /^\s*\{|^\s*type\s*:/m.test(text)
}

function filterBy(expression: string): string {
  return `{ type: filter, where: ${JSON.stringify(expression)} }`
}

/** What lies between a source of the configuration and a transform, an output or a sink. */
export function partOf(
  config: CollectorConfig,
  { at, source }: { readonly at: string; readonly source: string | undefined },
): TriedPart {
  const ends = endsAt(config, at)
  const leading = sourcesOf(
    config,
    ends.flatMap(({ inputs }) => inputs),
  )
  if (source === undefined && leading.length > 1)
    throw new TryError(`the lines at "${at}" come from several sources: ${leading.join(', ')}`, {
      hint: `say which the lines are of: --source ${leading[0]!}`,
    })
  if (source !== undefined && !leading.includes(source))
    throw new TryError(`no lines come to "${at}" from a source "${source}"`, {
      hint: suggest(source, leading, 'sources'),
    })
  return { transforms: config.transforms, sourceId: source ?? leading[0]!, ends }
}

function endsAt({ transforms, sinks }: CollectorConfig, at: string): readonly TriedEnd[] {
  const sink = sinks.find(({ id }) => id === at)
  if (sink !== undefined) return [{ output: undefined, inputs: sink.inputs }]
  const outputs = new Map(transforms.map((one) => [one.id, outputsOf(one)]))
  const names = [...outputs].flatMap(([id, some = []]) => [id, ...some.map((output) => inputName(id, output))])
  if (outputs.has(at)) return endsOf(at, outputs.get(at))
  if (names.includes(at)) return [{ output: undefined, inputs: [at] }]
  const known = [...names, ...sinks.map(({ id }) => id)]
  throw new TryError(`there is no transform or sink "${at}"`, { hint: suggest(at, known, 'transforms and sinks') })
}

function endsOf(id: string, outputs: readonly string[] | undefined): readonly TriedEnd[] {
  if (outputs === undefined) return [{ output: undefined, inputs: [id] }]
  return outputs.map((output) => ({ output, inputs: [inputName(id, output)] }))
}

function outputsOf({ type, options }: CollectorConfig['transforms'][number]): readonly string[] | undefined {
  const spec: ComponentSpec = registries.transforms[type]
  return spec.outputs?.(options as never)
}

/** Sources from which lines come to who reads from these, in the order of the configuration. */
function sourcesOf({ sources, transforms }: CollectorConfig, inputs: readonly string[]): readonly string[] {
  const behind = new Set<string>()
  const follow = (input: string) => {
    const [id = input] = input.split('.')
    if (behind.has(id)) return
    behind.add(id)
    for (const one of transforms.find((transform) => transform.id === id)?.inputs ?? []) follow(one)
  }
  for (const input of inputs) follow(input)
  return sources.map(({ id }) => id).filter((id) => behind.has(id))
}
