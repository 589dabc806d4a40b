import { readComponent } from './components.ts'
import type { Config } from './config.ts'
import type { Registries } from './component-spec.ts'
import type { Environment } from './interpolate.ts'
import { parse } from './parse.ts'
import { problemAt } from './place.ts'
import { ConfigError, type Problem, type Report } from './problem.ts'
import type { Fields, Leaf } from './tree.ts'

/** Transforms by themselves, each reading from the one before; the first reads from `sourceId`. */
export interface TransformChain<R extends Registries> {
  readonly transforms: Config<R>['transforms']
  /** Outputs of the last, where it has several; no other has. */
  readonly outputs: readonly string[] | undefined
}

/**
 * Reads transforms from texts, as they stand in a configuration below their ids, without inputs. Their ids are their places, from 1 on.
 *
 * @example
 * loadChain({ registries, texts: ['{ type: parse, format: json }'], sourceId: 'lines', env: process.env })
 * @throws ConfigError with every mistake in them
 */
export function loadChain<R extends Registries>({
  registries,
  texts,
  sourceId,
  env,
}: {
  readonly registries: R
  readonly texts: readonly string[]
  readonly sourceId: string
  readonly env: Environment
}): TransformChain<R> {
  const problems: Problem[] = []
  const report = (problem: Problem) => problems.push(problem)
  const specs = registries.transforms
  const read = texts.map((text, index) => {
    const source = { name: `transform ${index + 1}`, text, beginning: '{ type: parse, format: json }' }
    const tree = parse(source, env, report)
    if (tree === undefined) return undefined
    const id = String(index + 1)
    const value = withInputs(tree, { id, input: index === 0 ? sourceId : String(index) }, report)
    const found = readComponent({ section: 'transforms', id, entry: { key: tree.place, value }, specs }, report)
    const hasOutputs = found.component !== undefined && found.outputs !== undefined
    if (hasOutputs && index < texts.length - 1) report(problemAt(tree.place, ['transforms', id], notLast))
    return found
  })
  if (problems.length > 0)
    throw new ConfigError(problems, texts.length === 1 ? 'the transform' : 'the chain of transforms')
  const last = read.at(-1)?.outputs
  return {
    outputs: last === 'unknown' ? undefined : last,
    transforms: read.map((one) => one!.component),
    // They were looked up in these very registries and parsed by their schemas.
  } as unknown as TransformChain<R>
}

const notLast = {
  message: 'it has several outputs, and what follows would read from one of them',
  cure: 'give it last, or write a configuration and use --config',
}

function withInputs(
  tree: Fields,
  { id, input }: { readonly id: string; readonly input: string },
  report: Report,
): Fields {
  const written = tree.entries.get('inputs')
  if (written !== undefined) {
    const finding = { message: 'each reads from the one before it', cure: 'leave the inputs out' }
    report(problemAt(written.key, ['transforms', id, 'inputs'], finding))
  }
  const { place } = tree
  const leaf: Leaf = {
    kind: 'leaf',
    place,
    value: input,
    written: input,
    isQuoted: false,
    isBroken: false,
    secrets: [],
  }
  const inputs = { key: place, value: { kind: 'list', place, items: [leaf] } } as const
  return { ...tree, entries: new Map([...tree.entries, ['inputs', inputs]]) }
}
