import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { command, ensureBuilt, RunningCommand } from '../helpers/command.ts'

let folder = ''
beforeAll(() => {
  ensureBuilt()
  folder = mkdtempSync(join(tmpdir(), 'line-tests-'))
  writeFileSync(
    join(folder, 'shop.yaml'),
    `sources: { engine: { type: docker } }
transforms:
  private: { type: redact, inputs: [engine] }
  ways: { type: route, inputs: [private], routes: { errors: { level: error } } }
  calm: { type: throttle, inputs: [ways.default], lines_per_second: 1, burst: 1 }
sinks:
  pager: { type: blackhole, inputs: [ways.errors] }
  disk: { type: blackhole, inputs: [calm, ways.errors] }
`,
  )
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const good = `tests:
  - name: errors go both ways, in order
    lines: ["one", "ERROR of ada@example.org", { text: "two", at: 1500ms }, { text: "three", at: 1600ms }]
    expect:
      pager: ["ERROR of [redacted email]"]
      disk: ["one", "ERROR of [redacted email]", "two"]
      ways.default: ["one", "two", "three"]
  - name: containers have limits of their own
    lines: [{ text: a, container: a }, { text: b, container: b, stream: stderr }]
    expect: { calm: [a, b], pager: [] }
`

function run(tests: string) {
  const file = join(folder, 'shop.test.yaml')
  writeFileSync(file, tests)
  const { stdout, stderr, status } = command(['test', '-c', join(folder, 'shop.yaml')])
  return { status, stdout, stderr: stderr.replaceAll(folder, '.') }
}

test('tests that pass, found beside the configuration', () => {
  expect(run(good)).toEqual({
    status: 0,
    stderr: '',
    stdout: `ok      errors go both ways, in order
ok      containers have limits of their own
2 tests, all passed
`,
  })
})

test('a test that fails says what is different where', () => {
  const { status, stdout } = run(
    good.replace('disk: ["one", "ERROR', 'disk: ["one", "zero", "ERROR').replace('"two"]', '"three"]'),
  )
  expect(status).toBe(1)
  expect(stdout).toBe(`FAILED  errors go both ways, in order
  disk: - expected, + came
      one
    - zero
      ERROR of [redacted email]
    - three
    + two
ok      containers have limits of their own
2 tests, 1 failed
`)
})

test('mistakes in the tests are told at their place', () => {
  const bad = good.replace('      pager:', '      pagr:').replace('lines: [{ text: a,', 'lines: [{ txt: a,')
  expect(run(good.replace('      pager:', '      pagr:')).stderr).toContain(
    './shop.test.yaml:5:7: tests[0].expect.pagr: there is no sink or transform "pagr" to expect lines of; did you mean "pager"?',
  )
  const { status, stderr } = run(bad)
  expect(status).toBe(1)
  expect(stderr).toContain('./shop.test.yaml:9:')
  expect(stderr).toContain('did you mean "text"?')
})

test('no tests are no success', () => {
  const { status, stderr } = command(['test', '-c', join(folder, 'shop.yaml'), join(folder, 'none.yaml')])
  expect(status).toBe(1)
  expect(stderr).toContain('there is no such file')
})

test('--watch tests again when a file changes, mistakes in it or not, until it is asked to end', async () => {
  const file = join(folder, 'shop.test.yaml')
  writeFileSync(file, good)
  await using watching = new RunningCommand(['test', '--watch', '-c', join(folder, 'shop.yaml')], {}).readOutput()
  await watching.said('2 tests, all passed')
  writeFileSync(file, good.replace('pager: []', 'pager: [x]'))
  await watching.said('2 tests, 1 failed')
  writeFileSync(file, 'tests: [1]')
  await watching.said('the file of tests has 1 problem')
  watching.send('SIGTERM')
  expect(await watching.status()).toBe(0)
})

test('lines that would be posted pass as others do, and the way of them is drawn', async () => {
  const configuration = join(folder, 'posted.yaml')
  writeFileSync(
    configuration,
    `sources: { engine: { type: docker }, posted: { type: push } }
transforms: { private: { type: redact, inputs: [engine, posted] } }
sinks: { out: { type: blackhole, inputs: [private] } }
`,
  )
  writeFileSync(
    join(folder, 'posted.test.yaml'),
    'tests: [{ name: posted, source: posted, lines: ["of ada@example.org"], expect: { out: ["of [redacted email]"] } }]\n',
  )
  expect(command(['test', '-c', configuration]).status).toBe(0)
  expect(command(['graph', '-c', configuration]).stdout).toContain('posted')
})
