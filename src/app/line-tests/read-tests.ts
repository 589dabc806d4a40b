import type { ComponentSpec } from '../../config/component-spec.ts'
import type { Environment } from '../../config/interpolate.ts'
import { problemAt, type SourceText } from '../../config/place.ts'
import { ConfigError, type Problem } from '../../config/problem.ts'
import { readDocument } from '../../config/read-document.ts'
import { type Fields, treeAt } from '../../config/tree.ts'
import { inputName } from '../../lib/input-name.ts'
import { suggest } from '../../lib/nearest.ts'
import { type CollectorConfig, registries } from '../registries.ts'
import { type LineTest, lineTests } from './schema.ts'

/** The tests of a file, for this configuration. @throws ConfigError with every mistake in the file, at its place. */
export function readTests(source: SourceText, config: CollectorConfig, env: Environment): readonly LineTest[] {
  const problems: Problem[] = []
  const read = readDocument(source, { schema: lineTests, env, report: (problem) => problems.push(problem) })
  if (read !== undefined) problems.push(...nameProblems(read.tree, read.value.tests, config))
  if (read === undefined || problems.length > 0) throw new ConfigError(problems, 'the file of tests')
  return read.value.tests
}

/** What can be expected of: sinks, transforms, and outputs of transforms that have them. */
export function observableNames({ transforms, sinks }: CollectorConfig): readonly string[] {
  const outputsOf = ({ id, type, options }: CollectorConfig['transforms'][number]): readonly string[] => {
    const spec: ComponentSpec = registries.transforms[type]
    if (spec.outputs === undefined) return [id]
    return spec.outputs(options as never).map((output) => inputName(id, output))
  }
  return [...transforms.flatMap(outputsOf), ...sinks.map(({ id }) => id)]
}

function nameProblems(tree: Fields, tests: readonly LineTest[], config: CollectorConfig): readonly Problem[] {
  const known = observableNames(config)
  const sources = config.sources.map(({ id }) => id)
  return tests.flatMap(({ source, expect }, index) => {
    const problems: Problem[] = []
    const at = (...keys: string[]) => treeAt(tree, ['tests', index, ...keys])
    if (source !== undefined && !sources.includes(source)) {
      const finding = { message: `there is no source "${source}"`, cure: suggest(source, sources, 'sources') }
      problems.push(problemAt(at('source')!.place, ['tests', index, 'source'], finding))
    } else if (source === undefined && sources.length > 1) {
      const finding = { message: 'which source the lines are from is not said', cure: `write source: ${sources[0]!}` }
      problems.push(problemAt(at()!.place, ['tests', index], finding))
    }
    for (const name of Object.keys(expect)) {
      if (known.includes(name)) continue
      const expected = at('expect')
      const place = expected?.kind === 'fields' ? expected.entries.get(name)!.key : at()!.place
      const finding = {
        message: `there is no sink or transform "${name}" to expect lines of`,
        cure: suggest(name, known, 'sinks and transforms'),
      }
      problems.push(problemAt(place, ['tests', index, 'expect', name], finding))
    }
    return problems
  })
}
