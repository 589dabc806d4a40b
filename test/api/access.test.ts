import { randomUUID } from 'node:crypto'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freePort } from '../../src/lab/target/free-port.ts'
import { Owned } from '../../src/lib/owned.ts'
import { SimulatedEngine } from '../../src/simulator/engine.ts'
import { makeCertificates } from '../helpers/certificates.ts'
import { RunningCollector } from '../helpers/collector.ts'
import { type CommandOptions, ensureBuilt, RunningCommand } from '../helpers/command.ts'

const adminToken = 'an admin token of a test'
const viewerPassword = 'a password of a viewer'

let owned: Owned
let folder: string
let engine: SimulatedEngine
let running: RunningCollector
let port: number
const file = (name: string) => join(folder, name)

/** All that may be said of access, in one collector, which everybody may reach. */
beforeAll(async () => {
  ensureBuilt()
  owned = new Owned()
  folder = mkdtempSync(join(tmpdir(), 'access-'))
  owned.defer(() => rmSync(folder, { recursive: true, force: true }))
  makeCertificates(folder)
  writeFileSync(file('admin-token'), `${adminToken}\n`)
  writeFileSync(file('password'), `${viewerPassword}\n`)
  engine = owned.take(
    await SimulatedEngine.open(
      { listen: { socketPath: join(tmpdir(), `${randomUUID()}.sock`) } },
      new AbortController().signal,
    ),
  )
  port = await freePort()
  writeFileSync(file('log-capturer.yaml'), configuration())
  running = owned.take(await RunningCollector.open(configuration))
  await running.ready()
})
afterAll(() => owned[Symbol.asyncDispose]())

function configuration(): string {
  return `
data_dir: "${folder}/state"
sources: { engine: { type: docker, host: "${engine.host}" } }
sinks: { out: { type: blackhole, inputs: [engine] } }
api:
  listen: 0.0.0.0:${port}
  tls: { cert_file: "${folder}/server-cert.pem", key_file: "${folder}/server-key.pem", client_ca_file: "${folder}/ca.pem" }
  auth:
    - { username: grafana, password: "${viewerPassword}" }
    - { token: "\${file:${folder}/admin-token}", role: admin }
    - { certificate: client, role: admin }
`
}

interface Asked {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly certificate?: 'client'
}

/** Over a connection of its own, checked by our authority. */
function ask(path: string, { method = 'GET', headers = {}, certificate }: Asked = {}) {
  const own = certificate ? { cert: readFileSync(file('cert.pem')), key: readFileSync(file('key.pem')) } : {}
  return new Promise<{ status: number; text: string; serial: string }>((resolve, reject) => {
    const options = {
      host: 'localhost',
      servername: 'localhost',
      port,
      path,
      method,
      headers,
      agent: false,
      ca: readFileSync(file('ca.pem')),
      ...own,
    }
    request(options, (answer) => {
      const serial = (answer.socket as TLSSocket).getPeerCertificate().serialNumber
      let text = ''
      answer.on('data', (bytes: Buffer) => (text += String(bytes)))
      answer.on('end', () => resolve({ status: answer.statusCode!, text, serial }))
    })
      .on('error', reject)
      .end()
  })
}

const json = { 'content-type': 'application/json' }
const admin = { authorization: `Bearer ${adminToken}` }
const viewer = { authorization: `Basic ${Buffer.from(`grafana:${viewerPassword}`).toString('base64')}` }

test('over TLS: nobody, a viewer, an admin, and a client certificate', async () => {
  expect((await ask('/health/live')).status).toBe(200)
  expect((await ask('/metrics')).status).toBe(401)
  expect((await ask('/metrics', { headers: viewer })).text).toContain('log_capturer_build_info')
  const reload = { method: 'POST', headers: json }
  expect((await ask('/api/v1/reload', reload)).status).toBe(401)
  expect((await ask('/api/v1/reload', { ...reload, headers: { ...json, ...viewer } })).status).toBe(403)
  expect((await ask('/api/v1/reload', { ...reload, headers: { ...json, ...admin } })).status).toBe(200)
  expect((await ask('/api/v1/reload', { ...reload, certificate: 'client' })).status).toBe(200)
  await expect(fetch(`http://127.0.0.1:${port}/health/live`)).rejects.toThrow()
})

test('by its name, which the certificate has; a page of another site changes nothing', async () => {
  const headers = { ...json, ...admin, host: 'collector.example' }
  expect((await ask('/api/v1/overview', { headers })).status).toBe(200)
  const asked = (origin: string) => ask('/api/v1/reload', { method: 'POST', headers: { ...headers, origin } })
  expect((await asked('https://collector.example')).status).toBe(200)
  expect((await asked('http://collector.example')).status).toBe(403)
  expect((await asked('https://elsewhere.example')).status).toBe(403)
})

test('the configuration that is told has no secret in it', async () => {
  const { text } = await ask('/api/v1/configuration', { headers: viewer })
  expect(text).toContain('client_ca_file')
  expect(text).toContain('***')
  for (const secret of [adminToken, viewerPassword]) expect(text).not.toContain(secret)
})

test('certificates are read again at a reload, and those that cannot be used change nothing', async () => {
  const before = (await ask('/health/live')).serial
  const kept = { cert: readFileSync(file('server-cert.pem')), key: readFileSync(file('server-key.pem')) }
  makeCertificates(join(folder, 'new'))
  for (const name of ['server-cert.pem', 'server-key.pem', 'ca.pem'])
    copyFileSync(join(folder, 'new', name), file(name))
  await running.reload()
  const after = (await ask('/health/live')).serial
  expect(after).not.toBe(before)
  writeFileSync(file('server-key.pem'), kept.key)
  await expect(running.reload()).rejects.toThrow(/server-cert\.pem cannot be used with the key/)
  expect((await ask('/health/live')).serial).toBe(after)
  expect(running.collector.health().reasons).toContainEqual(expect.stringContaining('the last reload failed') as string)
  copyFileSync(join(folder, 'new', 'server-key.pem'), file('server-key.pem'))
  await running.reload()
})

describe('the verbs', () => {
  async function run(words: readonly string[], options: CommandOptions = {}) {
    await using asked = new RunningCommand(words, options).readOutput()
    return { status: await asked.status(), said: asked.stdout + asked.stderr }
  }
  const config = () => ['-c', file('log-capturer.yaml')]
  const address = () => ['--url', `https://localhost:${port}`]

  test.each([
    'status',
    'top --once',
    'reload',
    'dlq list',
  ])('%s takes credentials and certificate from the configuration', async (words) => {
    const { status, said } = await run([...words.split(' '), ...config()])
    expect({ status, said }).toEqual({ status: 0, said: expect.not.stringMatching(/^log-capturer: /m) as string })
  })

  test('watch and tail, too', async () => {
    expect((await run(['watch', '--once', ...config()])).said).toContain('descriptors')
    await using tail = new RunningCommand(['tail', ...config()], {}).readOutput()
    const container = engine.createContainer({ name: 'web' })
    container.start()
    await expect
      .poll(() => (container.write('stdout', 'a line\n'), tail.stdout), { timeout: 10_000 })
      .toContain('web | a line')
  })

  test('or from flags and variables', async () => {
    const authority = ['--ca-file', file('ca.pem')]
    const given = [
      run(['status', ...address(), ...authority, '--token-file', file('admin-token')]),
      run(['status', ...address(), ...authority, '--user', 'grafana', '--password-file', file('password')]),
      run(['status', ...address(), ...authority], { env: { LOG_CAPTURER_TOKEN: adminToken } }),
    ]
    expect((await Promise.all(given)).map(({ status }) => status)).toEqual([0, 0, 0])
    const viewing = await run([
      'reload',
      ...address(),
      ...authority,
      '--user',
      'grafana',
      '--password-file',
      file('password'),
    ])
    expect(viewing).toEqual({
      status: 1,
      said: expect.stringMatching(/refuses: a viewer may change nothing\n.*admin/) as string,
    })
    const nobody = await run(['status', ...address(), ...authority])
    expect(nobody).toEqual({
      status: 1,
      said: expect.stringMatching(/refuses: credentials are needed\n.*api\.auth/) as string,
    })
    const unchecked = await run(['status', ...address()])
    expect(unchecked).toEqual({ status: 1, said: expect.stringContaining('--ca-file') as string })
    const plain = await run(['status', '--url', `http://localhost:${port}`])
    expect(plain).toEqual({ status: 1, said: expect.stringContaining('TLS') as string })
  })

  test('a collector of another certificate is not asked, and gets no credentials', async () => {
    const elsewhere = file('other.yaml')
    makeCertificates(join(folder, 'other'))
    writeFileSync(elsewhere, configuration().replace(`${folder}/server-cert.pem`, `${folder}/other/server-cert.pem`))
    expect(await run(['status', '-c', elsewhere])).toEqual({
      status: 1,
      said: expect.stringContaining('its certificate is not the one in api.tls.cert_file') as string,
    })
  })
})

test('beyond this host it does not start without them', async () => {
  writeFileSync(file('open.yaml'), configuration().replace(/ {2}tls:.*\n/, ''))
  await using refused = new RunningCommand(['run', '-c', file('open.yaml')], {}).readOutput()
  expect(await refused.status()).toBe(1)
  expect(refused.stderr).toMatch(
    /open\.yaml:\d+:\d+: api\.listen: others than this host can reach 0\.0\.0\.0.*set api\.tls/,
  )
})
