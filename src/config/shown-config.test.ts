import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { registries } from '../app/registries.ts'
import { loadConfig } from './load.ts'
import { shownConfig } from './shown-config.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'shown-config-'))
  writeFileSync(join(folder, 'tenant'), 'tenant-of-a-file')
})
afterAll(() => rmSync(folder, { recursive: true }))

const shown = (text: string) =>
  shownConfig(
    loadConfig({ registries, input: { kind: 'text', text, name: 'a.yaml' }, env: { WORD: 'in-environment' } }),
    registries,
  )

const written = (sink: string) =>
  `sources: { engine: { type: docker, host: "unix:///run/x.sock" } }\nsinks: { logs: { type: loki, inputs: [engine], ${sink} } }`

test('everything that is in force, as it could be written', () => {
  expect(shown(written('url: "http://loki:3100", queue: { memory: 3000, disk: 10GiB }'))).toMatchObject({
    data_dir: './state',
    sources: { engine: { type: 'docker', host: 'unix:///run/x.sock', max_line_bytes: '1MiB', keep_alive: '10s' } },
    sinks: { logs: { type: 'loki', inputs: ['engine'], queue: { memory: 3000, disk: '10GiB', when_full: 'block' } } },
    api: { listen: '127.0.0.1:8401' },
    dead_letters: { max_bytes: '256MiB' },
  })
})

test('what is shown can be read again, and means the same', () => {
  const once = shown(written('url: "http://loki:3100"'))
  expect(shown(JSON.stringify(once))).toEqual(once)
})

test('nor who may ask', () => {
  const auth = '[{ token: "0123456789abcdef" }, { username: me, password: "hunter2-hunter2", role: admin }]'
  const { api } = shown(`${written('url: "http://loki:3100"')}\napi: { auth: ${auth} }`)
  expect(api).toMatchObject({
    auth: [
      { token: '***', role: 'viewer' },
      { username: 'me', password: '***', role: 'admin' },
    ],
  })
})

test.each([
  ['an option that is a secret', 'url: "http://loki:3100", auth: { username: me, password: hunter2 }'],
  ['one that comes from the environment', 'url: "http://loki:3100", auth: { token: "${WORD}" }'],
  ['a password within an address', 'url: "http://me:hunter2@loki:3100"'],
  ['a secret file, wherever it was put', 'url: "http://loki:3100", tenant: "${file:FOLDER/tenant}"'],
])('%s is not shown', (_what, sink) => {
  const text = JSON.stringify(shown(written(sink.replace('FOLDER', folder))))
  expect(text).not.toMatch(/hunter2|in-environment|tenant-of-a-file/)
  expect(text).toContain('***')
})
