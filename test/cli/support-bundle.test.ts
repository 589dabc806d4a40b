import { randomUUID } from 'node:crypto'
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Diagnostics } from '../../src/api/v1/schemas.ts'
import { freePort } from '../../src/lab/target/free-port.ts'
import { Owned } from '../../src/lib/owned.ts'
import { SimulatedEngine } from '../../src/simulator/engine.ts'
import { ensureBuilt, RunningCommand } from '../helpers/command.ts'
import { until } from '../helpers/until.ts'

beforeAll(() => ensureBuilt())

const secrets = {
  fromFile: 'secret "of a file" \\ with signs',
  fromVariable: 'secret of a variable',
  written: 'secret that is written',
  ofAddress: 'secret-of-an-address',
} as const

let owned: Owned
let folder: string
beforeEach(() => {
  owned = new Owned()
  folder = mkdtempSync(join(tmpdir(), 'bundle-'))
  owned.defer(() => rmSync(folder, { recursive: true, force: true }))
})
afterEach(() => owned[Symbol.asyncDispose]())

/** A destination that refuses everything, and says aloud what it was given. */
async function openIndiscreet(): Promise<string> {
  const server = createServer((request, response) => {
    const given = request.headers.authorization ?? ''
    const told = Buffer.from(given.replace('Basic ', ''), 'base64').toString()
    response.writeHead(500).end(`refused: ${given} ${told} ${encodeURIComponent(told)}`)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  owned.defer(() => {
    server.closeAllConnections()
    server.close()
  })
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

test('one file with all that a report needs, and no secret anywhere in it', async () => {
  const listen = { socketPath: join(tmpdir(), `${randomUUID()}.sock`) }
  const engine = owned.take(await SimulatedEngine.open({ listen }, new AbortController().signal))
  const container = engine.createContainer({ name: 'web' })
  container.start()
  container.write('stdout', 'a private line\n')
  const [port, indiscreet] = [await freePort(), await openIndiscreet()]
  writeFileSync(join(folder, 'token'), secrets.fromFile)
  const config = join(folder, 'log-capturer.yaml')
  writeFileSync(
    config,
    `
data_dir: "${folder}/state"
sources: { engine: { type: docker, host: "${engine.host}" } }
sinks:
  one: { type: loki, inputs: [engine], url: "http://${indiscreet}", auth: { username: user, password: "${secrets.written}" } }
  two: { type: loki, inputs: [engine], url: "http://name:${secrets.ofAddress}@${indiscreet}/x", auth: { username: user, password: "\${PASSWORD}" } }
api:
  listen: 127.0.0.1:${port}
  auth: [{ token: "\${file:${folder}/token}", role: admin }]
`,
  )
  const env = { PASSWORD: secrets.fromVariable }
  const collector = owned.take(new RunningCommand(['run', '-c', config], { env }))
  await collector.said('"msg":"collecting"')
  const out = join(folder, 'report.tar.gz')
  const bundle = async () => {
    await using making = new RunningCommand(['support-bundle', '-c', config, '--out', out], { env }).readOutput()
    expect({ status: await making.status(), stderr: making.stderr }).toEqual({ status: 0, stderr: '' })
    const unpacked = join(folder, 'unpacked')
    rmSync(unpacked, { recursive: true, force: true })
    expect(
      spawnSync('tar', ['xzf', out, '-C', folder, '--transform', 's/^log-capturer-support/unpacked/']),
    ).toMatchObject({ status: 0 })
    return (name: string) => readFileSync(join(unpacked, name), 'utf8')
  }
  const read = await until('the refusals of both sinks are in it', async () => {
    const found = await bundle()
    return (found('health.json').match(/sends again: the server answers 500/g)?.length ?? 0) === 2 && found
  })

  expect(readdirSync(join(folder, 'unpacked')).sort()).toEqual([
    'configuration-in-force.json',
    'configuration.yaml',
    'containers.json',
    'diagnostics.json',
    'doctor.json',
    'health.json',
    'limits.txt',
    'manifest.json',
    'metrics.txt',
    'overview.json',
    'pipeline.json',
    'sinks.json',
    'watch.json',
  ])
  const diagnostics = JSON.parse(read('diagnostics.json')) as Diagnostics
  expect(diagnostics.process.id).toBe(collector.id)
  expect(diagnostics.heap['used_heap_size']).toBeGreaterThan(1e6)
  expect(diagnostics.connections).toMatchObject([{ source: 'engine', opened: expect.any(Number) as number }])
  expect(diagnostics.log.map((line) => (JSON.parse(line) as { msg: string }).msg)).toContain('connected to the engine')
  expect(read('limits.txt')).toContain('Max open files')
  expect(JSON.parse(read('manifest.json'))).toMatchObject({ missing: [], processId: collector.id })
  expect(statSync(out).mode & 0o777).toBe(0o600)

  const whole = gunzipSync(readFileSync(out)).toString('latin1')
  expect(whole).toContain('***')
  expect(whole).not.toContain('a private line')
  for (const secret of Object.values(secrets))
    for (const written of [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)])
      expect(whole).not.toContain(written)
  for (const password of [secrets.written, secrets.fromVariable])
    expect(whole).not.toContain(Buffer.from(`user:${password}`).toString('base64'))
  // The test itself would see one: the destination's words are there but for the secrets.
  expect(read('health.json')).toContain('refused: Basic ***')
}, 60_000)

test('where no collector runs it holds less, and says so', async () => {
  const config = join(folder, 'log-capturer.yaml')
  writeFileSync(
    config,
    `data_dir: "${folder}/state"\nsources: { e: { type: docker, host: "unix://${folder}/no.sock" } }\nsinks: { o: { type: blackhole, inputs: [e] } }\napi: { listen: 127.0.0.1:1 }\n`,
  )
  await using making = new RunningCommand(['support-bundle', '-c', config], { folder }).readOutput()
  expect(await making.status()).toBe(0)
  expect(making.stderr).toMatch(/not in it: health\.json: cannot ask the collector/)
  const [name] = readdirSync(folder).filter((entry) => entry.endsWith('.tar.gz'))
  expect(
    spawnSync('tar', ['tzf', join(folder, name!)], { encoding: 'utf8' })
      .stdout.trim()
      .split('\n'),
  ).toEqual([
    'log-capturer-support/configuration.yaml',
    'log-capturer-support/doctor.json',
    'log-capturer-support/manifest.json',
  ])
  expect(existsSync(join(folder, 'state'))).toBe(false)
})
