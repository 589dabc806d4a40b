import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { command, ensureBuilt, RunningCommand } from '../helpers/command.ts'

let folder = ''
beforeAll(() => {
  ensureBuilt()
  folder = mkdtempSync(join(tmpdir(), 'try-'))
  writeFileSync(
    join(folder, 'shop.yaml'),
    `sources: { engine: { type: docker }, other: { type: docker, host: "unix:///other" } }
transforms:
  private: { type: redact, inputs: [engine] }
  ways: { type: route, inputs: [private], routes: { errors: { level: error } } }
sinks:
  pager: { type: blackhole, inputs: [ways.errors] }
  disk: { type: blackhole, inputs: [ways.default, ways.errors, other] }
`,
  )
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const json = '{ type: parse, format: json }'
const lines = '{"level":"info","a":1}\nno JSON\n{"level":"error","b":"ä"}'

test('the text of each line comes out with its fields behind it', () => {
  expect(command(['try', json], { input: lines })).toEqual({
    status: 0,
    stderr: '',
    stdout: `{"level":"info","a":1}  {"level":"info","a":1}
no JSON
{"level":"error","b":"ä"}  {"level":"error","b":"ä"}
`,
  })
})

test('several transforms follow each other; what they take out is shown where it is asked for', () => {
  const several = ['try', json, '{ type: filter, level: error, include: [level] }']
  expect(command(several, { input: lines }).stdout).toBe('{"level":"error","b":"ä"}  {"level":"error","b":"ä"}\n')
  const { stdout } = command([...several, '--show-dropped', '--json'], { input: lines })
  expect(
    stdout
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as object),
  ).toEqual([
    { text: '{"level":"info","a":1}', dropped: true },
    { text: 'no JSON', dropped: true },
    { text: '{"level":"error","b":"ä"}', fields: { level: 'error', b: 'ä' } },
  ])
})

test('an expression lets through the lines that meet it; what is none is a mistake', () => {
  expect(command(['try', json, 'fields.level == "error" && text.contains("b: x") == false'], { input: lines })).toEqual(
    {
      ...{ status: 0, stderr: '' },
      stdout: '{"level":"error","b":"ä"}  {"level":"error","b":"ä"}\n',
    },
  )
  const { status, stderr } = command(['try', 'levl == "error"'], { input: lines })
  expect([status, stderr]).toEqual([1, expect.stringContaining('Unknown variable: levl')])
})

test('a transform with several outputs says which', () => {
  const { stdout } = command(['try', '{ type: route, routes: { errors: { level: error } } }'], {
    input: 'ERROR x\ny\n',
  })
  expect(stdout).toBe('[errors] ERROR x\n[default] y\n')
})

test('lines that belong together come out as one, the last of them at the end of the input', () => {
  const words = [
    'try',
    '{ type: multiline, start: ["^[0-9]"] }',
    '{ type: filter, exclude: [quiet] }',
    '--json',
    '--show-dropped',
  ]
  const { stdout } = command(words, { input: '1 a\n b\n2 quiet\n c\n3\n' })
  expect(stdout).toBe('{"text":"1 a\\n b"}\n{"text":"2 quiet\\n c","dropped":true}\n{"text":"3"}\n')
})

test('a configuration, up to a sink, an output or a transform with several', () => {
  const input = 'ERROR of ada@example.org\nx\n'
  const at = (...words: string[]) => command(['try', '-c', join(folder, 'shop.yaml'), '--at', ...words], { input })
  expect(at('pager').stdout).toBe('ERROR of [redacted email]\n')
  expect(at('ways.default').stdout).toBe('x\n')
  expect(at('ways').stdout).toBe('[errors] ERROR of [redacted email]\n[default] x\n')
  expect(at('disk', '--source', 'other').stdout).toBe(input)
  const refusals: readonly (readonly [{ status: number | null; stderr: string }, string])[] = [
    [at('disk'), 'several sources: engine, other'],
    [at('pagr'), 'did you mean "pager"?'],
    [at('pager', '--source', 'other'), 'no lines come to "pager" from a source "other"'],
  ]
  for (const [{ status, stderr }, why] of refusals) {
    expect(status).toBe(1)
    expect(stderr).toContain(why)
  }
})

test('mistakes are told at their place, all of them', () => {
  const { status, stdout, stderr } = command(['try', '{ type: parse, formt: json }', '{ type: sampel }', 'parse'])
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
  expect(stderr).toContain('transform 1:1:16: transforms.1.formt: unknown key; did you mean "format"?')
  expect(stderr).toContain('transform 2:1:9: transforms.2.type: there is no transform of type "sampel"')
  expect(stderr).toContain('transform 3:1:24: transforms.3.where: Unknown variable: parse')
  const route = '{ type: route, routes: { errors: { level: error } } }'
  expect(command(['try', route, json]).stderr).toContain('transforms.1: it has several outputs')
  const inputs = '{ type: sample, one_in: 2, inputs: [engine] }'
  expect(command(['try', inputs]).stderr).toContain('transforms.1.inputs: each reads from the one before it')
})

test.each([[[]], [[json, '--at', 'disk']], [['-c', '-', '--at', 'disk']]])('%j is not understood', (words) => {
  const { status, stderr } = command(['try', ...words])
  expect(status).toBe(2)
  expect(stderr).toContain('error: ')
})

test('lines come out as they go in, before the input ends', async () => {
  await using trying = new RunningCommand(['try', json], { input: '{"a":1}\nx', staysOpen: true }).readOutput()
  await trying.said('{"a":1}  {"a":1}')
  trying.type('y\n')
  await trying.said('xy\n')
  expect(trying.stdout).toBe('{"a":1}  {"a":1}\nxy\n')
})

test('nobody has to read what comes out to its end', async () => {
  const file = join(folder, 'many.log')
  writeFileSync(file, '{"a":1}\n'.repeat(200_000))
  const through = ['bash', '-o', 'pipefail', '-c', `"$0" "$@" < ${file} | head -n 1`]
  await using trying = new RunningCommand(['try', json], { through }).readOutput()
  expect(await trying.status()).toBe(0)
  expect([trying.stdout, trying.stderr]).toEqual(['{"a":1}  {"a":1}\n', ''])
})
