import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { dockerRecord } from '../../src/log-file/testing.ts'
import { logFilePath } from '../../src/log-file/list-files.ts'
import { SimulatedEngine } from '../../src/simulator/engine.ts'
import { CollectingSource } from '../helpers/collected.ts'
import { until } from '../helpers/until.ts'

let folder: string
let engine: SimulatedEngine

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'refused-files-'))
  const listen = { socketPath: join(folder, 'engine.sock') }
  engine = await SimulatedEngine.open({ listen, rootFolder: folder }, new AbortController().signal)
})
afterEach(async () => {
  await engine[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

/** A container that runs, and where its log file would be; the folder is there. */
function startContainer(name: string): { path: string; say(text: string): void } {
  const container = engine.createContainer({ name })
  const path = logFilePath(folder, container.id)
  mkdirSync(dirname(path), { recursive: true })
  container.start()
  return { path, say: (text) => container.write('stdout', `${text}\n`) }
}

const record = (text: string) =>
  dockerRecord({ log: `${text}\n`, stream: 'stdout', time: new Date().toISOString().replace('Z', '000000Z') })
const texts = (source: CollectingSource) => [...source.rows.values()].flat().map(({ text }) => text)

test('a file that cannot be opened is read through the engine, and the other ones from their files', async () => {
  const odd = startContainer('odd')
  symlinkSync(odd.path, odd.path)
  odd.say('said by the engine')
  const plain = startContainer('plain')
  writeFileSync(plain.path, record('in the file'))
  await using source = await CollectingSource.open({ host: engine.host, read: 'auto' })
  await until('both have come', () => texts(source).length === 2, { seen: () => texts(source) })
  expect(texts(source).sort()).toEqual(['in the file', 'said by the engine'])
})

test('where only files are to be read, one that cannot be opened is tried again until it can', async () => {
  const odd = startContainer('odd')
  symlinkSync(odd.path, odd.path)
  odd.say('said by the engine')
  await using source = await CollectingSource.open({ host: engine.host, read: 'files' })
  const failures = async () => JSON.stringify((await source.metrics.streamErrors.get()).values)
  await until('it was tried', async () => (await failures()).includes('"log_file"'))
  rmSync(odd.path)
  writeFileSync(odd.path, record('in the file'))
  await until('it has come', () => texts(source).length > 0)
  expect(texts(source)).toEqual(['in the file'])
})
