import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { engineFiles } from './engine-files.ts'
import type { LogWindow, TruthContainer } from './truth.ts'

const id = '0123456789abcdef'.repeat(4)
const all: LogWindow = { streams: ['stdout', 'stderr'], since: undefined, until: undefined }
const signal = new AbortController().signal

let root: string
let folder: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'engine-files-'))
  folder = join(root, 'containers', id)
  mkdirSync(folder, { recursive: true })
  const configuration = { ID: id, Name: '/web', Config: { Image: 'web:1', Labels: null }, State: { Running: true } }
  writeFileSync(join(folder, 'config.v2.json'), JSON.stringify(configuration))
  writeDriver('json-file')
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

function writeDriver(Type: string): void {
  writeFileSync(join(folder, 'hostconfig.json'), JSON.stringify({ LogConfig: { Type, Config: {} } }))
}

/** A record as the engine writes it, which leaves zeros at the end of a time out. */
function recordAt(second: number, log: string, stream = 'stdout'): string {
  return `${JSON.stringify({ log, stream, time: `2026-11-23T12:48:${second}.5Z` })}\n`
}

function writeLog(suffix: string, content: string | Buffer): void {
  writeFileSync(join(folder, `${id}-json.log${suffix}`), content)
}

/** The frames of the log, or why there are none. */
async function framesOf(window: LogWindow = all): Promise<string[] | string> {
  const source = engineFiles(root)
  const [container] = await source.list(signal)
  const frames: string[] = []
  const feed = (bytes: Buffer) => frames.push(`${bytes[0]!} ${bytes.subarray(8).toString()}`)
  return (await source.readLog(container!, window, feed, signal))?.reason ?? frames
}

test('lists containers as the engine does', async () => {
  mkdirSync(join(root, 'containers', 'being-made'))
  const expected: TruthContainer = { id, name: 'web', image: 'web:1', labels: {}, isRunning: true }
  expect(await engineFiles(root).list(signal)).toEqual([expected])
})

test('reads rotated files, compressed or not, the oldest first, and leaves a record out that is being written', async () => {
  writeLog('.10', recordAt(10, 'ten\n'))
  writeLog('.2.gz', gzipSync(recordAt(11, 'two\n', 'stderr')))
  writeLog('.1', recordAt(12, 'one\n'))
  writeLog('', `${recordAt(13, 'piece')}${recordAt(13, 'end\n')}{"log":"half`)
  expect(await framesOf()).toEqual([
    '1 2026-11-23T12:48:10.500000000Z ten\n',
    '2 2026-11-23T12:48:11.500000000Z two\n',
    '1 2026-11-23T12:48:12.500000000Z one\n',
    '1 2026-11-23T12:48:13.500000000Z piece',
    '1 2026-11-23T12:48:13.500000000Z end\n',
  ])
})

test('reads a stream and a window', async () => {
  const seconds = [10, 11, 12, 13]
  writeLog('', seconds.map((second) => recordAt(second, `${second}\n`, second === 12 ? 'stderr' : 'stdout')).join(''))
  const at = (second: number) => ({ seconds: Date.parse(`2026-11-23T12:48:${second}Z`) / 1000, nanos: 500_000_000 })
  expect(await framesOf({ streams: ['stdout'], since: at(11), until: at(13) })).toEqual([
    '1 2026-11-23T12:48:11.500000000Z 11\n',
    '1 2026-11-23T12:48:13.500000000Z 13\n',
  ])
})

test('has nothing of a container that never wrote', async () => {
  expect(await framesOf()).toEqual([])
})

test('says which driver it cannot read', async () => {
  writeDriver('local')
  expect(await framesOf()).toBe('its log driver is local, of which only the engine reads the files')
})

test('says where the data root is not', async () => {
  await expect(engineFiles(join(root, 'nowhere')).list(signal)).rejects.toMatchObject({
    code: 'VERIFY',
    hint: expect.stringContaining('--engine-files') as string,
  })
})
