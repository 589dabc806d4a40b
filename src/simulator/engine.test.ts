import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'undici'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { SimulatedEngine } from './engine.ts'

let folder: string
let engine: SimulatedEngine
let client: Client

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'simulated-'))
  const socketPath = join(folder, 'docker.sock')
  engine = await SimulatedEngine.open({ listen: { socketPath }, seed: 1 }, AbortSignal.timeout(5_000))
  client = new Client('http://engine', { socketPath })
})

afterEach(async () => {
  await client.close()
  await engine[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

async function get(path: string) {
  const { statusCode, headers, body } = await client.request({ method: 'GET', path })
  return { status: statusCode, headers, text: await body.text() }
}

test('answers a ping with its version', async () => {
  const { status, headers, text } = await get('/_ping')
  expect([status, headers['api-version'], text]).toEqual([200, '1.51', 'OK'])
})

test('a follow gets every line, one frame each, and ends with the container', async () => {
  const container = engine.createContainer({ name: 'web' })
  container.start()
  const followed = get('/containers/web/logs?stdout=1&stderr=1&follow=1')
  container.write('stdout', 'one\ntwo\n')
  container.write('stderr', 'oops\n')
  container.exit(0)
  const { text } = await followed
  expect(text).toBe('\x01\0\0\0\0\0\0\x04one\n\x01\0\0\0\0\0\0\x04two\n\x02\0\0\0\0\0\0\x05oops\n')
  expect((await get('/_ping')).status).toBe(200)
  expect(engine.counts().connections.opened).toBe(1)
})
