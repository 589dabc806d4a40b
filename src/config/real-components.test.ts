import { expect, test } from 'vitest'
import * as sinks from '../sinks/registry.ts'
import * as sources from '../sources/registry.ts'
import { jsonSchema } from './document-schema.ts'
import { schemasAt } from './json-schema.ts'
import { loadConfig } from './load.ts'
import { toys } from './testing.ts'

const registries = { ...toys, sources }

test('the default configuration suits the real source', () => {
  const config = loadConfig({ registries, input: { kind: 'none', dataDir: './state' }, env: {} })
  expect(config.sources[0]?.options).toMatchObject({ streams: ['stdout', 'stderr'], from: 'beginning' })
})

test.each(
  Object.values(sources).flatMap(({ name, examples }) => examples.map((example) => [name, JSON.stringify(example)])),
)('an example of %s holds: %s', (name, example) => {
  const text = JSON.stringify({
    sources: { a: { type: name, ...(JSON.parse(example) as object) } },
    sinks: { b: { type: 'blackhole', inputs: ['a'] } },
  })
  const config = loadConfig({ registries, input: { kind: 'text', text, name: 'example' }, env: {} })
  expect(config.sources[0]?.type).toBe(name)
})

test('two file sinks may not write the same files', () => {
  const at = (path: string) => `{ type: file, inputs: [a], path: "${path}" }`
  const load = (one: string, other: string) =>
    loadConfig({
      registries: { ...registries, sinks },
      input: {
        kind: 'text',
        text: `sources: { a: { type: docker } }\nsinks:\n  one: ${at(one)}\n  other: ${at(other)}`,
        name: 'test.yaml',
      },
      env: {},
    })
  expect(() => load('./logs/{stream}.log', './logs/./{stream}.log')).toThrow(
    /test\.yaml:4:.*sinks\.other\.path: sinks\.one\.path is the same path/,
  )
  expect(load('./logs/{stream}.log', './logs/{container.name}.log').sinks).toHaveLength(2)
})

test('every option of every real source is described', () => {
  for (const { name, options } of Object.values(sources)) {
    for (const key of Object.keys(options.shape)) {
      const [schema] = schemasAt(jsonSchema(registries), ['sources', 'any', key])
      expect(schema?.description, `${name}.${key}`).toBeTruthy()
    }
  }
})
