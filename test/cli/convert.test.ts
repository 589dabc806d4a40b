import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { command, ensureBuilt } from '../helpers/command.ts'

let folder = ''
beforeAll(() => {
  ensureBuilt()
  folder = mkdtempSync(join(tmpdir(), 'convert-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const whole = `clients: [{ url: "http://loki:3100/loki/api/v1/push" }]
scrape_configs: [{ job_name: all, docker_sd_configs: [{ host: "unix:///var/run/docker.sock" }] }]
`

test('what is carried over whole is printed, and can be used', () => {
  const { status, stdout, stderr } = command(['convert', 'promtail', '-'], { input: whole })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  expect(command(['validate', '-c', '-'], { input: stdout }).status).toBe(0)
})

test('gaps are listed with their place, and on demand in the file', () => {
  const [file, output] = [join(folder, 'promtail.yaml'), join(folder, 'made.yaml')]
  writeFileSync(file, `${whole}target_config: { sync_period: 10s }\n`)
  const { status, stdout, stderr } = command(['convert', 'promtail', file, '--output', output, '--notes'])
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
  expect(stderr).toContain(`${file}:3: target_config: this option is not known to the converter`)
  expect(readFileSync(output, 'utf8')).toContain('# - ')
})

test.each([
  ['what cannot be read', ['convert', 'vector', '-'], 'sinks: [', /<stdin>:1: the file is no YAML/],
  ['a file that is not there', ['convert', 'fluent-bit', '/nowhere.conf'], '', /there is no such file/],
  ['another system', ['convert', 'logstash', '-'], '', /promtail, vector, fluent-bit/],
])('%s is status 2', (_name, words, input, told) => {
  const { status, stderr } = command(words, { input })
  expect(status).toBe(2)
  expect(stderr).toMatch(told)
})

test('mistakes of the input that come through are told at their place in the result', () => {
  const input = whole.replace('api/v1/push"', 'api/v1/push", timeout: "10 parsecs", bearer_token: "${TOKEN}"')
  const { status, stdout, stderr } = command(['convert', 'promtail', '-'], { input })
  expect([status, stdout]).toEqual([1, expect.stringContaining('timeout: 10 parsecs')])
  expect(stderr).toMatch(/the result:\d+:\d+: sinks\.\w+\.timeout: "10 parsecs" is no time span/)
  expect(stderr).not.toContain('TOKEN')
})
