import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { localRecord, type LocalRecord } from '../log-file/testing.ts'
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

test('reads files of the driver local, rotated and compressed, with lines that came in pieces', async () => {
  writeDriver('local')
  mkdirSync(join(folder, 'local-logs'))
  const line = (second: number, text: string, piece?: LocalRecord['piece']) =>
    localRecord({ stream: 'stderr', seconds: second, nanos: 5, text: Buffer.from(text), ...(piece ? { piece } : {}) })
  const write = (suffix: string, ...records: Buffer[]) =>
    writeFileSync(
      join(folder, 'local-logs', `container.log${suffix}`),
      suffix.endsWith('.gz') ? gzipSync(Buffer.concat(records)) : Buffer.concat(records),
    )
  write('.2.gz', line(10, 'two'))
  write('.1.gz', line(11, 'piece', { isLast: false, ordinal: 1 }), line(11, 'end', { isLast: true, ordinal: 2 }))
  write('', line(12, ''), line(13, 'no line feed', { isLast: false, ordinal: 1 }), line(14, 'half').subarray(0, 20))
  expect(await framesOf()).toEqual([
    '2 1970-01-01T00:00:10.000000005Z two\n',
    '2 1970-01-01T00:00:11.000000005Z piece',
    '2 1970-01-01T00:00:11.000000005Z end\n',
    '2 1970-01-01T00:00:12.000000005Z \n',
    '2 1970-01-01T00:00:13.000000005Z no line feed',
  ])
  write('', line(12, 'a'), Buffer.alloc(3), line(13, 'b'))
  await expect(framesOf()).rejects.toThrow('damaged at byte')
})

test('says which driver it cannot read', async () => {
  writeDriver('journald')
  expect(await framesOf()).toBe('its log driver is journald, of which only the engine reads the files')
})

test('says where the data root is not', async () => {
  await expect(engineFiles(join(root, 'nowhere')).list(signal)).rejects.toMatchObject({
    code: 'VERIFY',
    hint: expect.stringContaining('--engine-files') as string,
  })
})
