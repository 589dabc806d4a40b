import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { jsonSchema } from './document-schema.ts'
import { schemasAt } from './json-schema.ts'
import { toys } from './testing.ts'

const schema = jsonSchema(toys)

describe('the JSON Schema of the document', () => {
  test('is of draft 2020-12 and refuses unknown keys', () => {
    expect(schema).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      additionalProperties: false,
    })
  })

  test('tells components apart by their type, with a summary for editors', () => {
    const types = schemasAt(schema, ['sinks', 'any', 'type']).map((one) => [one.const, one.description])
    expect(types).toEqual([
      ['file', 'Writes toy files.'],
      ['blackhole', 'Takes everything.'],
    ])
  })

  test('describes every key of the document', () => {
    const keys = Object.entries(schema.properties ?? {})
    expect(keys.map(([key]) => key).sort()).toEqual([
      'api',
      'data_dir',
      'dead_letters',
      'log',
      'sinks',
      'sources',
      'telemetry',
      'transforms',
    ])
    for (const [, { description }] of keys) expect(description).toBeTruthy()
  })

  test('marks secrets', () => {
    const [password] = schemasAt(schema, ['sources', 'any', 'password'])
    expect(password).toEqual({ description: 'To log in with.', type: 'string', minLength: 8, writeOnly: true })
  })

  test('gives defaults as they are written', () => {
    expect(schemasAt(schema, ['api', 'listen'])[0]?.default).toBe('127.0.0.1:8401')
    expect(schemasAt(schema, ['sinks', 'x', 'sync_every'])[0]?.default).toBe('1s')
  })

  test.each([
    ['sources: { a: { type: docker, max_line_bytes: 64KiB } }', true],
    ['sources: { a: { type: docker, max_line_byte: 1 } }', false],
    ['sinks: { a: { type: file, inputs: [b], path: x, keep: "${KEEP}", format: "${FORMAT:-text}" } }', true],
    ['sinks: { a: { type: file, inputs: [b], path: x, keep: "5" } }', false],
    ['sources: { a: { type: file } }', false],
    ['sinks: { a: { type: file, inputs: [b], path: x } }', true],
    ['sinks: { a: { type: file, path: x } }', false],
    ['sinks: { "a b": { type: blackhole, inputs: [b] } }', false],
    ['api: { listen: off }', true],
  ])('%s: %s', (text, isValid) => {
    const read = z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0])
    expect(read.safeParse(parse(text)).success).toBe(isValid)
  })

  test('leaves out sections without components', () => {
    expect(jsonSchema({ ...toys, transforms: {} }).properties).not.toHaveProperty('transforms')
  })
})
