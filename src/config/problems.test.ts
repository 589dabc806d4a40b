import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { errorOf, load, problemsOf } from './testing.ts'

const source = 'sources: { a: { type: docker } }'
const sink = 'sinks: { b: { type: blackhole, inputs: [a] } }'

/** The problems of a file sink that is right but for `options`, without its place and path. */
function ofFile(options: string): string {
  const text = `${source}\nsinks:\n  b:\n    type: file\n    inputs: [a]\n    path: /x\n    ${options}`
  return problemsOf(text).join('\n')
}

describe('options', () => {
  test.each([
    ['pathh: 1', '7:5: sinks.b.pathh: unknown key; did you mean "path"?'],
    [
      'zzz: 1',
      '7:5: sinks.b.zzz: unknown key; known keys: type, inputs, queue, path, format, sync_every, keep, compression, labels, color',
    ],
    ['format: ndjsn', '7:13: sinks.b.format: "ndjsn" is none of text, ndjson; did you mean "ndjson"?'],
    ['format: 1', '7:13: sinks.b.format: "1" is none of text, ndjson'],
    ['format:', '7:12: sinks.b.format: has no value: it must be one of text, ndjson'],
    ['sync_every: 30', '7:17: sinks.b.sync_every: must be text, but is 30; write for example 1s'],
    ['sync_every: soon', '7:17: sinks.b.sync_every: "soon" is no time span: write for example 250ms, 30s or 7d'],
    ['keep: 0', '7:11: sinks.b.keep: must be at least 1'],
    ['keep: 10', '7:11: sinks.b.keep: must be at most 9'],
    ['keep: 1.5', '7:11: sinks.b.keep: must be a whole number, but is 1.5'],
    ['keep: "5"', '7:11: sinks.b.keep: must be a number, but is text; write it without quotes'],
    ['compression: gzip', '7:18: sinks.b.compression: must be a map of keys and values, but is text'],
    ['compression: { level: 5 }', '7:5: sinks.b.compression.type: missing: it must be one of gzip, none'],
    ['compression: { type: gzp }', '7:26: sinks.b.compression.type: "gzp" is none of gzip, none; did you mean "gzip"?'],
    ['compression: { type: gzip, levl: 1 }', '7:32: sinks.b.compression.levl: unknown key; did you mean "level"?'],
    ['labels: { a: 1 }', '7:18: sinks.b.labels.a: must be text, but is 1; write it in quotes: "1"'],
    ['labels: [a]', '7:13: sinks.b.labels: must be a map of keys and values, but is a list'],
    ['color: red', '7:12: sinks.b.color: must be "auto" or true or false, but is text'],
    ['path: /y', '7:5: sinks.b.path: this key is already there in line 6; remove one of them'],
    ['path2: [/y]', '7:5: sinks.b.path2: unknown key; did you mean "path"?'],
  ])('%s', (options, problem) => {
    expect(ofFile(options)).toBe(problem)
  })

  test.each([
    ['true', 'must be a number or text, but is true; write for example 64KiB'],
    ['64Kb', '"64Kb" is no size: write for example 64KiB or 10MB'],
    ['-1', 'must be at least 0'],
    ['[]', 'must be a number or text, but is a list; write for example 64KiB'],
  ])('a size of %s', (size, problem) => {
    const text = `sources: { a: { type: docker, max_line_bytes: ${size} } }\n${sink}`
    expect(problemsOf(text)).toEqual([`1:47: sources.a.max_line_bytes: ${problem}`])
  })
})

describe('components', () => {
  test.each([
    ['sinks: { b: { type: file, inputs: [a] } }', '2:10: sinks.b.path: missing: it must be text'],
    ['sinks: { b: { type: file, inputs: [a], pth: x } }', '2:40: sinks.b.pth: unknown key; did you mean "path"?'],
    ['sinks: { b: { type: fiel } }', '2:21: sinks.b.type: there is no sink of type "fiel"; did you mean "file"?'],
    ['sinks: { b: { type: s3 } }', '2:21: sinks.b.type: there is no sink of type "s3"; known sinks: file, blackhole'],
    ['sinks: { b: { typ: file } }', '2:15: sinks.b.typ: unknown key; did you mean "type"?'],
    [
      'sinks: { b: { type: [file] } }',
      '2:21: sinks.b: this sink has no type; write "type:" and one of file, blackhole',
    ],
    ['sinks: { b: }', '2:10: sinks.b: this sink has no type; write "type:" and one of file, blackhole'],
    ['sinks: { b: { type: blackhole } }', '2:10: sinks.b.inputs: missing: it must be a list'],
    ['sinks: { b: { type: blackhole, inputs: [] } }', '2:40: sinks.b.inputs: must not be empty'],
    [
      'sinks: { b: { type: blackhole, inputs: a } }',
      '2:40: sinks.b.inputs: must be a list, but is text; write it as a list: [a]',
    ],
    ['sinks: { b: { type: blackhole, inptus: [a] } }', '2:32: sinks.b.inptus: unknown key; did you mean "inputs"?'],
    ['sinks: [b]', '2:8: sinks: must be a map from ids to sinks; write "<id>:" below it, and "type:" below that'],
    ['sinks: {}', '2:1: sinks: there is no sink'],
    ['sink: { b: { type: blackhole, inputs: [a] } }', '2:1: sink: unknown key; did you mean "sinks"?'],
    ['', '1:1: sinks: there is no sink'],
    [
      'sinks: { "../b": { type: blackhole, inputs: [a] } }',
      '2:10: sinks.../b: an id is made of up to 64 letters, digits, "_" and "-", and begins with a letter or digit',
    ],
  ])('%s', (text, problem) => {
    expect(problemsOf(`${source}\n${text}`)).toEqual([problem])
  })
})

describe('inputs', () => {
  const transforms =
    'transforms: { t: { type: drop, pattern: x, inputs: [a] }, u: { type: drop, pattern: x, inputs: [t] } }'

  test.each([
    [
      'unknown',
      `${source}\nsinks: { b: { type: blackhole, inputs: [a, engine] } }`,
      '2:44: sinks.b.inputs[1]: there is no source or transform "engine"; sources and transforms: a',
    ],
    [
      'misspelt',
      `sources: { engine: { type: docker } }\nsinks: { b: { type: blackhole, inputs: [enigne] } }`,
      '2:41: sinks.b.inputs[0]: there is no source or transform "enigne"; did you mean "engine"?',
    ],
    [
      'twice',
      `${source}\nsinks: { b: { type: blackhole, inputs: [a, a] } }`,
      '2:44: sinks.b.inputs[1]: "a" is in this list already',
    ],
    [
      'of a sink',
      `${source}\nsinks: { b: { type: blackhole, inputs: [a, b] } }`,
      '2:44: sinks.b.inputs[1]: "b" is a sink: nothing can be read from it',
    ],
    [
      'unread source',
      `sources: { a: { type: docker }, c: { type: docker } }\n${sink}`,
      '1:33: sources.c: nothing reads from this source; add "c" to the inputs of a sink, or remove it',
    ],
    [
      'unread transform',
      `${source}\n${transforms}\n${sink}`,
      '2:59: transforms.u: nothing reads from this transform; add "u" to the inputs of a sink, or remove it',
    ],
    [
      'circle',
      `${source}\n${transforms.replace('[a]', '[u]')}\nsinks: { b: { type: blackhole, inputs: [a, u] } }`,
      '2:97: transforms.u.inputs[0]: the inputs go in a circle: t -> u -> t; take one of them out',
    ],
    [
      'circle of one',
      `${source}\n${transforms.replace('[t]', '[t, u]')}\nsinks: { b: { type: blackhole, inputs: [u] } }`,
      '2:100: transforms.u.inputs[1]: the inputs go in a circle: u -> u; take one of them out',
    ],
    [
      'same id in two sections',
      `sources: { a: { type: docker }, b: { type: docker } }\n${sink}\ntransforms: { t: { type: drop, pattern: x, inputs: [b] } }`,
      '2:10: sinks.b: already defined at test.yaml:1:33; rename or remove one of them',
    ],
  ])('%s', (_, text, problem) => {
    expect(problemsOf(text)).toContain(problem)
  })

  test('of a thousand transforms in a row hold', () => {
    const row = Array.from(
      { length: 5000 },
      (_, n) => `  t${n + 1}: { type: drop, pattern: x, inputs: [${n === 0 ? 'a' : `t${n}`}] }`,
    )
    expect(
      load(`${source}\ntransforms:\n${row.join('\n')}\n${sink.replace('[a]', '[t5000]')}`).transforms,
    ).toHaveLength(5000)
  })
})

describe('the document', () => {
  test.each([
    ['datadir: x', '3:1: datadir: unknown key; did you mean "data_dir"?'],
    ['api: { listen: 8401 }', '3:16: api.listen: must be text, but is 8401; write it in quotes: "8401"'],
    ['api: { listen: "8401" }', '3:16: api.listen: "8401" is no address: write for example 127.0.0.1:8401, or off'],
    [
      'api: { listen: "[::g]:1" }',
      '3:16: api.listen: "[::g]:1" is no address: write for example 127.0.0.1:8401, or off',
    ],
    [
      'log: { level: debg }',
      '3:15: log.level: "debg" is none of debug, info, warn, error, silent; did you mean "debug"?',
    ],
    ['a: b: c', '3:4: : nested mappings are not allowed in compact mappings'],
    ['a: [ {container.name}.log ]', '3:22: : unexpected scalar at node end; put values with { } in quotes'],
    ['a: !secret b', '3:4: : unresolved tag: !secret'],
    ['---\na: 1', '3:1: : a second document begins here: a file holds one'],
    ['? [a]\n: b', '3:3: : a key must be plain text'],
  ])('%s', (text, problem) => {
    expect(problemsOf(`${source}\n${sink}\n${text}`)).toEqual([problem])
  })

  test.each(['- a', 'a'])('must be a map: %s', (text) => {
    expect(problemsOf(text)).toEqual(['1:1: : the document must be a map of keys and values; begin with "sources:"'])
  })
})

describe('references', () => {
  let directory: string
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'secrets-'))
    writeFileSync(join(directory, 'secret'), 'hunter2\n')
  })
  afterAll(() => rmSync(directory, { recursive: true }))

  const withLabel = (value: string) =>
    `${source}\nsinks: { b: { type: file, inputs: [a], path: x, labels: { a: ${value} } } }`

  test.each([
    ['"${A}"', 'the environment variable A is not set; set it, or write ${A:-default}'],
    [
      '"${A b}"',
      '"${A b}" is no reference; write ${VAR}, ${VAR:-default} or ${file:/path}, or "$${" for the characters themselves',
    ],
    ['"${A"', '"${A" is not closed; end it with "}", or write "$${" for the characters themselves'],
  ])('that cannot be resolved: %s', (value, problem) => {
    expect(problemsOf(withLabel(value))).toEqual([`2:62: sinks.b.labels.a: ${problem}`])
  })

  test.each([
    'sinks: "${A}"',
    'sinks: { b: "${A}" }',
    'sinks: { b: { type: "${A}" } }',
    'sinks: { b: { type: blackhole, inputs: ["${A}"] } }',
  ])('are told of once, wherever they are: %s', (text) => {
    expect(problemsOf(`${source}\n${text}`)).toHaveLength(1)
  })

  test('to a file that cannot be read', () => {
    expect(problemsOf(withLabel('"${file:/nowhere}"')).join()).toContain('the secret cannot be read: ENOENT')
  })

  test('never show a secret', () => {
    const text = `${source}\nsinks: { b: { type: file, inputs: [a], path: x, sync_every: "\${file:${directory}/secret}" } }`
    const message = errorOf(() => load(text))!.message
    expect(message).toContain('"***" is no time span')
    expect(message).not.toContain('hunter2')
  })

  test.each([
    'type: "@"',
    'type: docker, from: "@"',
    'type: docker, host: "tcp://@"',
  ])('never show a secret, wherever it stands: %s', (options) => {
    const text = `sources: { a: { ${options} } }\nsinks: { b: { type: blackhole, inputs: [a, "@"] } }`
    const message = errorOf(() => load(text.replaceAll('@', `\${file:${directory}/secret}`)))!.message
    expect(message).toContain('"***"')
    expect(message).not.toContain('hunter2')
  })

  test('in plain scalars are typed as YAML would, in quotes they stay text', () => {
    const text = `${source}\nsinks:\n  b: { type: file, inputs: [a], path: x }\n  c:\n    type: file\n    inputs: [a]\n    keep: \${KEEP}\n    path: "\${KEEP}"`
    expect(load(text, { KEEP: '7' }).sinks[1]?.options).toMatchObject({ keep: 7, path: '7' })
  })

  test('cannot change the structure', () => {
    const evil = 'x"\n, inputs: [zzz] }\n# ${B} $$'
    expect(load(withLabel('"${A}"'), { A: evil }).sinks[0]?.options).toMatchObject({ labels: { a: evil } })
  })
})

describe('keys that are marked as secret', () => {
  const rest = 'sinks: { b: { type: blackhole, inputs: [a] } }'

  test.each([
    ['too short', 'sources: { a: { type: docker, password: hunter2 } }'],
    ['of another kind', 'sources: { a: { type: docker, password: [hunter2] } }'],
    ['in a variable', 'sources: { a: { type: docker, password: "${PASSWORD}" } }'],
    ['in the next line', 'sources:\n  a:\n    type: docker\n    password:\n      hunter2'],
    ['in the next line of broken YAML', 'sources: { a: { type: docker, password:\n"hunter2" } }'],
    ['as a token of broken YAML', 'password: { a: b } hunter2'],
    ['beside another problem', 'sources: { a: { type: docker, fromm: now, password: hunter2hunter2 } }'],
    ['used elsewhere', 'sources: { a: { type: docker, from: hunter2, password: hunter2 } }'],
    ['misspelt', 'sources: { a: { type: docker, passwrod: hunter2 } }'],
    ['there twice', 'sources:\n  a:\n    type: docker\n    password: long enough\n    password: hunter2'],
    ['in broken YAML', 'sources:\n  a:\n    type: docker\n    password: {hunter2} hunter2'],
    ['in a list without sense', 'sources: { a: [ { password: hunter2 } ] }'],
  ])('are not shown: %s', (_, text) => {
    const message = errorOf(() => load(`${text}\n${rest}`, { PASSWORD: 'hunter2' }))!.message
    expect(message).toMatch(/test\.yaml:\d+:\d+: /)
    expect(message).not.toContain('hunter2')
  })

  test('leave the other lines as they are', () => {
    const text = `sources:\n  a:\n    type: docker\n    password: hunter2\n    fromm: now\n${rest}`
    expect(errorOf(() => load(text))!.message).toContain('\n      fromm: now\n      ^')
  })
})

test('all problems are told at once, in the order of the text, like a compiler does', () => {
  const text = 'data_dir: ""\nsources:\n\ta: 1\n'
  expect(errorOf(() => load(text))?.problems.length).toBeGreaterThan(0)
  const several = `data_dir: ""\n${source}\nsinks:\n  b:\n    type: file\n    inputs: [a]\n    pathh: x\n    keep: 0\n`
  expect(errorOf(() => load(several))?.message).toBe(
    [
      'the configuration has 3 problems',
      'test.yaml:1:11: data_dir: must not be empty',
      '  data_dir: ""',
      '            ^',
      'test.yaml:7:5: sinks.b.pathh: unknown key; did you mean "path"?',
      '      pathh: x',
      '      ^',
      'test.yaml:8:11: sinks.b.keep: must be at least 1',
      '      keep: 0',
      '            ^',
    ].join('\n'),
  )
})
