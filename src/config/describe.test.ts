import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { componentList, optionTable } from './describe.ts'
import { toys } from './testing.ts'

test('every component is listed, by kind and name', () => {
  expect(componentList(toys).map(({ kind, type }) => `${kind} ${type}`)).toEqual([
    'source docker',
    'transform drop',
    'transform join',
    'transform split',
    'sink blackhole',
    'sink file',
  ])
})

/** The rows as lines: path, type, default or `required`. */
function lines(options: z.ZodObject): readonly string[] {
  return optionTable({ options }).map(
    (row) =>
      `${row.path}: ${row.type}${row.isRequired ? ', required' : ''}${row.default === undefined ? '' : ` = ${row.default}`}`,
  )
}

describe('the table of options', () => {
  test('names keys, types and defaults as they are written', () => {
    expect(lines(toys.sinks.file.options)).toEqual([
      'path: text, required',
      'format: "text" or "ndjson" = ndjson',
      'sync_every: time span = 1s',
      'keep: whole number, 1 to 9',
      'compression: map',
      'compression.type: "gzip" or "none", required',
      'compression.level: whole number, 1 to 9 = 6',
      'labels: map to text = {}',
      'color: "auto" or true or false = auto',
    ])
  })

  test('goes into lists and maps', () => {
    const rule = z.strictObject({ match: z.string(), limit: z.number().min(0).optional() })
    expect(lines(z.strictObject({ rules: z.array(rule).default([]), by_name: z.record(z.string(), rule) }))).toEqual([
      'rules: list of map = []',
      'rules[].match: text, required',
      'rules[].limit: number, at least 0',
      'by_name: map to map, required',
      'by_name.*.match: text, required',
      'by_name.*.limit: number, at least 0',
    ])
  })

  test('has descriptions and examples', () => {
    expect(optionTable(toys.sinks.file)).toContainEqual(
      expect.objectContaining({ path: 'sync_every', description: 'How often to sync.', examples: ['1s'] }),
    )
    expect(optionTable(toys.sources.docker)).toContainEqual(
      expect.objectContaining({ path: 'include.names', examples: ['["web-*"]'] }),
    )
  })
})
