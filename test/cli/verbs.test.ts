import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import { command, ensureBuilt } from '../helpers/command.ts'

beforeAll(() => ensureBuilt())

const minimal = 'sources: { engine: { type: docker } }\nsinks: { out: { type: blackhole, inputs: [engine] } }\n'

describe('the command line', () => {
  test.each([
    { words: ['--version'], status: 0, said: /^\d+\.\d+\.\d+\n$/ },
    { words: ['--help'], status: 0, said: /Examples:/ },
    { words: ['run', '--help'], status: 0, said: /env:\s+LOG_CAPTURER_DRAIN_TIMEOUT/ },
    { words: [], status: 2, said: /Usage:/ },
    { words: ['rnu'], status: 2, said: /Did you mean run\?/ },
    { words: ['run', '--confg', 'x'], status: 2, said: /Did you mean --config\?/ },
    { words: ['run', '--drain-timeout', 'soon'], status: 2, said: /write for example 30s/ },
    { words: ['run', '--log-level', 'loud'], status: 2, said: /Allowed choices are debug/ },
    { words: ['completion', 'tcsh'], status: 2, said: /Allowed choices are bash, zsh, fish/ },
    { words: ['validate', '-c', 'missing.yaml'], status: 1, said: /missing\.yaml: the file cannot be read/ },
    { words: ['validate', '-c', '-', '--config-dir', '.'], status: 1, said: /cannot go together/ },
  ])('$words ends with $status', ({ words, status, said }) => {
    const result = command(words)
    expect(result.stdout + result.stderr).toMatch(said)
    expect(result.status).toBe(status)
  })

  test('validate says what it has found', () => {
    const good = command(['validate', '-c', '-'], { input: minimal })
    expect(good).toEqual({ status: 0, stdout: '<stdin> is valid: 1 source, 0 transforms, 1 sink\n', stderr: '' })
    const bad = command(['validate', '-c', '-'], { input: minimal.replace('inputs', 'input') })
    expect(bad.stderr).toMatch(/<stdin>:2:\d+: sinks\.out\.input: unknown key; did you mean "inputs"\?/)
    expect(bad.status).toBe(1)
  })

  test('a flag may be given in the environment, and the command line wins', () => {
    const env = { LOG_CAPTURER_CONFIG: 'one.yaml' }
    expect(command(['validate'], { env }).stderr).toContain('one.yaml: the file cannot be read')
    const both = command(['validate', '-c', 'other.yaml'], { env })
    expect(both.stderr).toContain('other.yaml: the file cannot be read')
    expect(both.stderr).not.toContain('one.yaml')
    const folder = command(['validate', '--config-dir', '/nowhere'], { env })
    expect(folder.stderr).toContain('/nowhere: the directory cannot be read')
    const file = command(['validate', '-c', 'other.yaml'], { env: { LOG_CAPTURER_CONFIG_DIR: '/nowhere' } })
    expect(file.stderr).toContain('other.yaml: the file cannot be read')
  })

  test.each([
    ['true', /^\[/],
    ['1', /^\[/],
    ['false', /^source docker: /],
    ['0', /^source docker: /],
    ['', /^source docker: /],
  ])('the twin of a flag without a value may say no: LOG_CAPTURER_JSON=%s', (value, said) => {
    expect(command(['list'], { env: { LOG_CAPTURER_JSON: value } }).stdout).toMatch(said)
  })

  test('list --json is an array of kind, type and summary', () => {
    const { stdout } = command(['list', '--json'])
    const list = JSON.parse(stdout) as Record<string, unknown>[]
    for (const component of list) expect(Object.keys(component)).toEqual(['kind', 'type', 'summary'])
    expect(list).toContainEqual(expect.objectContaining({ kind: 'source', type: 'docker' }))
    expect(list).toContainEqual(expect.objectContaining({ kind: 'transform', type: 'filter' }))
    expect(list).toContainEqual(expect.objectContaining({ kind: 'sink', type: 'file' }))
  })

  test('schema is a JSON Schema with every section', () => {
    const schema = JSON.parse(command(['schema']).stdout) as { $schema: string; properties: object }
    expect(schema.$schema).toMatch(/^https:\/\/json-schema\.org\//)
    expect(Object.keys(schema.properties)).toEqual(expect.arrayContaining(['data_dir', 'sources', 'sinks', 'api']))
  })

  test('the completion for bash offers verbs and flags', () => {
    const { stdout } = command(['completion', 'bash'])
    const script = `${stdout}
      COMP_WORDS=(log-capturer ru) COMP_CWORD=1; _log_capturer; echo "\${COMPREPLY[@]}"
      COMP_WORDS=(log-capturer run --dr) COMP_CWORD=2; _log_capturer; echo "\${COMPREPLY[@]}"
      COMP_WORDS=(log-capturer completion z) COMP_CWORD=2; _log_capturer; echo "\${COMPREPLY[@]}"
      COMP_WORDS=(log-capturer dlq re) COMP_CWORD=2; _log_capturer; echo "\${COMPREPLY[@]}"
      COMP_WORDS=(log-capturer dlq replay --r) COMP_CWORD=3; _log_capturer; echo "\${COMPREPLY[@]}"`
    const bash = spawnSync('bash', ['-c', script], { encoding: 'utf8' })
    expect(bash).toMatchObject({ stdout: 'run\n--drain-timeout\nzsh\nreplay\n--rate\n', stderr: '', status: 0 })
  })

  test.each(['zsh', 'fish'])('the completion for %s names every verb', (shell) => {
    const { stdout } = command(['completion', shell])
    expect(stdout).toMatch(/dlq.*replay/)
    for (const verb of ['run', 'validate', 'list', 'schema', 'demo', 'completion']) expect(stdout).toContain(verb)
    // The hidden verb; `soak` has a flag `--references`.
    expect(stdout).not.toMatch(/(?<!--)\breference\b(?! collectors)/)
  })
})

test('alert rules are printed, with links where it is said where the page is', () => {
  const { stdout } = command(['alerts', '--runbooks', 'https://wiki.example/alerts#top'])
  expect(stdout).toContain('runbook_url: https://wiki.example/alerts#logcapturerabsent\n')
  expect(command(['alerts']).stdout).toBe(
    readFileSync(new URL('../../docs/alerts/log-capturer.rules.yml', import.meta.url), 'utf8'),
  )
  expect(command(['alerts', '--runbooks', 'alerts.md']).status).toBe(2)
})
