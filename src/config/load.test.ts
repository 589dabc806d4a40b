import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadConfig } from './load.ts'
import { errorOf, load, toys } from './testing.ts'

const full = `
data_dir: /var/lib/toy
sources:
  engine: { type: docker, include: { names: ["web-*"] }, max_line_bytes: 64KiB }
transforms:
  quiet: { type: drop, inputs: [engine], pattern: debug }
sinks:
  disk: { type: file, inputs: [engine, quiet], path: "./logs/{container.name}.log", sync_every: 2s }
api: { listen: off }
dead_letters: { max_bytes: 1GiB }
log: { level: warn }
`

let directory: string
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'config-'))
})
afterAll(() => rmSync(directory, { recursive: true }))

function write(name: string, text: string | Uint8Array): string {
  const file = join(directory, name)
  writeFileSync(file, text)
  return file
}

const limits = { requests_per_second: 100, body: 1024 * 1024, connections: 256 }

describe('a configuration that holds', () => {
  test('has its options parsed by the schemas of its components', () => {
    expect(load(full)).toEqual({
      dataDir: '/var/lib/toy',
      sources: [
        {
          id: 'engine',
          type: 'docker',
          options: { include: { names: ['web-*'] }, from: 'beginning', max_line_bytes: 65_536 },
        },
      ],
      transforms: [{ id: 'quiet', type: 'drop', inputs: ['engine'], options: { pattern: 'debug' } }],
      sinks: [
        {
          id: 'disk',
          type: 'file',
          inputs: ['engine', 'quiet'],
          queue: { memory: 16_777_216, disk: 1_073_741_824, when_full: 'block' },
          options: {
            path: './logs/{container.name}.log',
            format: 'ndjson',
            sync_every: 2000,
            labels: {},
            color: 'auto',
          },
        },
      ],
      api: { listen: 'off', auth: [], limits },
      deadLetters: { maxBytes: 2 ** 30 },
      telemetry: {},
      log: { level: 'warn' },
      secretTexts: [],
    })
  })

  test('has defaults for everything but its components', () => {
    const { dataDir, api, log } = load(
      'sources: { a: { type: docker } }\nsinks: { b: { type: blackhole, inputs: [a] } }',
    )
    expect({ dataDir, api, log }).toEqual({
      dataDir: './state',
      api: { listen: { host: '127.0.0.1', port: 8401 }, auth: [], limits },
      log: { level: 'info' },
    })
  })

  test('may use anchors and aliases', () => {
    const text = 'sources: { a: { type: docker } }\nsinks: { b: &b { type: blackhole, inputs: [a] }, c: *b }'
    expect(load(text).sinks.map(({ id }) => id)).toEqual(['b', 'c'])
  })

  test('is the default when nothing is given', () => {
    const config = loadConfig({ registries: toys, input: { kind: 'none', dataDir: '/a "$b"' }, env: {} })
    expect(config.dataDir).toBe('/a "$b"')
    expect(config.sources).toMatchObject([{ id: 'engine', type: 'docker' }])
    expect(config.sinks).toMatchObject([
      {
        id: 'files',
        type: 'file',
        inputs: ['engine'],
        options: { path: '/a "$b"/logs/{container.name}.{stream}.log', format: 'text' },
      },
    ])
  })
})

describe('several files', () => {
  test('of a directory are one configuration, in the order of their names', () => {
    const sub = mkdtempSync(join(directory, 'conf-'))
    writeFileSync(
      join(sub, 'b.yml'),
      'sinks: { z: { type: blackhole, inputs: [a, c] } }\nsources: { c: { type: docker } }',
    )
    writeFileSync(join(sub, 'a.yaml'), 'sources: { a: { type: docker } }\ndata_dir: /x')
    writeFileSync(join(sub, 'ignored.txt'), ':::')
    const config = loadConfig({ registries: toys, input: { kind: 'directory', directory: sub }, env: {} })
    expect(config.dataDir).toBe('/x')
    expect(config.sources.map(({ id }) => id)).toEqual(['a', 'c'])
  })

  test('that define the same id, or the same other key, are told of with both places', () => {
    const one = write('one.yaml', 'data_dir: /x\nsources:\n  a: { type: docker }\n')
    const two = write(
      'two.yaml',
      'sources: { a: { type: docker } }\ndata_dir: /y\nsinks: { s: { type: blackhole, inputs: [a] } }',
    )
    const input = { kind: 'files', files: [one, two] } as const
    const error = errorOf(() => loadConfig({ registries: toys, input, env: {} }))
    expect(error?.problems).toMatchObject([
      { file: two, position: { line: 1, column: 12 }, path: 'sources.a', message: `already defined at ${one}:3:3` },
      { file: two, position: { line: 2, column: 1 }, path: 'data_dir', message: `already defined at ${one}:1:1` },
    ])
  })

  test.each([
    ['missing.yaml', 'cannot be read: ENOENT'],
    ['.', 'cannot be read: EISDIR'],
  ])('that cannot be read are told of: %s', (name, message) => {
    const input = { kind: 'files', files: [join(directory, name)] } as const
    const error = errorOf(() => loadConfig({ registries: toys, input, env: {} }))
    expect(error?.problems).toHaveLength(1)
    expect(error?.message).toContain(message)
  })

  test('that are not text are told of', () => {
    const input = { kind: 'files', files: [write('latin.yaml', Uint8Array.of(0xff, 0xe9))] } as const
    const error = errorOf(() => loadConfig({ registries: toys, input, env: {} }))
    expect(error?.message).toContain('is not UTF-8 text')
  })

  test('must be there: an empty directory is told of', () => {
    const input = { kind: 'directory', directory: mkdtempSync(join(directory, 'empty-')) } as const
    const error = errorOf(() => loadConfig({ registries: toys, input, env: {} }))
    expect(error?.message).toContain('there is no *.yaml or *.yml in this directory')
  })
})

describe('no text ends in anything but a configuration or a ConfigError', () => {
  const pieces = [
    ...full.match(/\w+|\s+|[^\w\s]/g)!,
    '&a ',
    '*a',
    '!!int ',
    '- ',
    '? ',
    '|\n',
    '${A}',
    '${',
    '__proto__',
    '[',
    '\t',
    '%',
  ]

  test('random text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void errorOf(() => load(text, { A: '{[' }))))
  })

  test('random pieces of a configuration', () => {
    const texts = fc.array(fc.constantFrom(...pieces), { maxLength: 80 }).map((words) => words.join(''))
    fc.assert(fc.property(texts, (text) => void errorOf(() => load(text, { A: 'x: {' }))))
  })

  test('a configuration with one place changed', () => {
    const changes = fc.tuple(fc.nat(full.length), fc.nat(12), fc.constantFrom(...pieces))
    fc.assert(
      fc.property(changes, ([at, length, piece]) => {
        errorOf(() => load(full.slice(0, at) + piece + full.slice(at + length), {}))
      }),
      { numRuns: 500 },
    )
  })

  test.each([
    ['thousands of brackets', '['.repeat(20_000)],
    ['deep nesting', `sources: ${'{a: '.repeat(100)}1${'}'.repeat(100)}`],
    ['an alias inside of itself', 'sources: &a { b: *a }'],
    ['aliases of aliases', bomb()],
  ])('%s', (_, text) => {
    expect(errorOf(() => load(text))?.problems.length).toBeGreaterThan(0)
  })
})

/** Ten lines that stand for ten thousand million values. */
function bomb(): string {
  const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]']
  for (let level = 1; level <= 9; level += 1) {
    lines.push(
      `a${level}: &a${level} [${Array(10)
        .fill(`*a${level - 1}`)
        .join(', ')}]`,
    )
  }
  return lines.join('\n')
}
