/**
 * The truth from the engine's own files, without the engine: below its data root each container has a folder with its configuration and, with the
 * drivers json-file and local, its log. Rotated files are numbered, the highest the oldest, and perhaps compressed (daemon/logger/loggerutils/logfile.go).
 *
 *     containers/ID/config.v2.json    {"ID","Name":"/web","Config":{"Image","Labels"},"State":{"Running"}}
 *     containers/ID/hostconfig.json   {"LogConfig":{"Type":"json-file"}}
 *     containers/ID/ID-json.log       {"log":"text\n","stream":"stdout","time":"2026-11-23T12:48:58.320504526Z"}
 *     containers/ID/ID-json.log.1     the same; with compress: ID-json.log.1.gz
 *     containers/ID/local-logs/container.log      see local-records.ts
 *
 * A record becomes the frame that the API gives for it, so that long lines are put together by the same reader as elsewhere.
 */
import { open, readdir, readFile, type FileHandle } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { dockerPieces } from '../engine/line-writer.ts'
import { codeOf, messageOf } from '../lib/error.ts'
import { compareTimes, formatTimestamp, parseTimestamp } from '../lib/timestamp.ts'
import type { EngineRecord } from './engine-record.ts'
import { findFiles } from './find-files.ts'
import { eachLocalRecord } from './local-records.ts'
import { eachLine, highWaterMark, openText } from './text-lines.ts'
import type { LogWindow, TruthContainer, TruthSource, Unread } from './truth.ts'
import { VerifyError } from './verify-error.ts'

const configuration = z.object({
  ID: z.string(),
  Name: z.string(),
  Config: z.object({ Image: z.string(), Labels: z.record(z.string(), z.string()).nullish() }),
  State: z.object({ Running: z.boolean() }),
})
const hostConfiguration = z.object({ LogConfig: z.object({ Type: z.string() }) })
const record = z.object({ log: z.string(), stream: z.string(), time: z.string() })

/** How often the files are looked for when they are rotated in the moment of opening them. */
const maxAttempts = 5
const frameHead = 8

/** `root`: the engine's data root, /var/lib/docker by default. */
export function engineFiles(root: string): TruthSource {
  const folder = join(root, 'containers')
  return {
    host: hostname(),
    clockAheadSeconds: 0,
    rules: dockerPieces,
    list: () => listContainers(folder),
    readLog: ({ id }, window, feed, signal) => readLog(join(folder, id), { id, window, feed }, signal),
  }
}

async function listContainers(folder: string): Promise<TruthContainer[]> {
  const ids = await readdir(folder).catch((cause: unknown) => {
    throw new VerifyError(`the engine's files in ${folder} cannot be read: ${messageOf(cause)}`, {
      cause,
      hint: 'name the data root by --engine-files, and run as a user who may read it',
    })
  })
  const containers: TruthContainer[] = []
  for (const id of ids) {
    const found = await readJson(join(folder, id, 'config.v2.json'), configuration)
    // Just being made, or removed.
    if (!found) continue
    const { ID, Name, Config, State } = found
    containers.push({
      id: ID,
      name: Name.replace(/^\//, ''),
      image: Config.Image,
      labels: Config.Labels ?? {},
      isRunning: State.Running,
    })
  }
  return containers
}

/** @throws VerifyError where the file is something else; undefined: it is not there. */
async function readJson<T>(path: string, schema: z.ZodType<T>): Promise<T | undefined> {
  try {
    return schema.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT' || codeOf(cause) === 'ENOTDIR') return undefined
    throw new VerifyError(`${path} cannot be read: ${messageOf(cause)}`, { cause })
  }
}

interface Reading {
  readonly id: string
  readonly window: LogWindow
  readonly feed: (bytes: Buffer, from: number, to: number) => void
}

async function readLog(
  folder: string,
  { id, window, feed }: Reading,
  signal: AbortSignal,
): Promise<Unread | undefined> {
  const driver = (await readJson(join(folder, 'hostconfig.json'), hostConfiguration))?.LogConfig.Type
  if (driver === undefined) return { reason: 'its files are gone', isForAll: true }
  if (driver !== 'json-file' && driver !== 'local')
    return { reason: `its log driver is ${driver}, of which only the engine reads the files`, isForAll: false }
  const take = (found: EngineRecord | undefined) => {
    const frame = found && frameOf(found, window)
    if (frame) feed(frame, 0, frame.length)
  }
  const path = driver === 'local' ? join(folder, 'local-logs', 'container.log') : join(folder, `${id}-json.log`)
  const files = await openFiles(path)
  try {
    for (const { path, handle } of files) {
      const text = openText(path, handle.createReadStream({ highWaterMark, autoClose: false, start: 0 }))
      if (driver === 'local') await eachLocalRecord(text, take)
      else await eachLine(text, (bytes) => take(jsonRecordOf(bytes)))
      signal.throwIfAborted()
    }
  } catch (cause) {
    signal.throwIfAborted()
    throw new VerifyError(`the log of the engine in ${folder} cannot be read: ${messageOf(cause)}`, { cause })
  } finally {
    for (const { handle } of files) await handle.close()
  }
  return undefined
}

/** All files of a log, the oldest first, open: what happens to their names afterwards does not matter. A container that never wrote has none. */
async function openFiles(path: string): Promise<{ readonly path: string; readonly handle: FileHandle }[]> {
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const opened: { path: string; handle: FileHandle; inode: number }[] = []
    const before = await filesOf(path)
    for (const file of before) {
      const handle = await open(file.path).catch(() => undefined)
      if (handle) opened.push({ path: file.path, handle, inode: (await handle.stat()).ino })
    }
    const after = await filesOf(path)
    const isSame = after.length === opened.length && after.every(({ inode }, i) => opened[i]!.inode === inode)
    if (isSame) return opened
    for (const { handle } of opened) await handle.close()
  }
  throw new VerifyError(`the files of ${path} were rotated faster than they could be opened`)
}

async function filesOf(path: string) {
  try {
    return await findFiles(path)
  } catch (error) {
    if (error instanceof VerifyError && error.cause === undefined) return []
    throw error
  }
}

/** Undefined: it is not in the window. */
function frameOf({ stream, time, text, isLineEnd }: EngineRecord, { streams, since, until }: LogWindow) {
  if (!streams.some((name) => name === stream)) return undefined
  if ((since && compareTimes(time, since) < 0) || (until && compareTimes(time, until) > 0)) return undefined
  const prefix = Buffer.from(`${formatTimestamp(time.seconds, time.nanos)} `)
  const head = Buffer.alloc(frameHead)
  const end = Buffer.from(isLineEnd ? '\n' : '')
  head[0] = stream === 'stdout' ? 1 : 2
  head.writeUInt32BE(prefix.length + text.length + end.length, 4)
  return Buffer.concat([head, prefix, text, end])
}

/** Undefined: the record is not whole, as the last may be while it is written. */
function jsonRecordOf(bytes: Buffer): EngineRecord | undefined {
  try {
    const { log, stream, time } = record.parse(JSON.parse(bytes.toString()))
    const parsed = parseTimestamp(time)
    const isLineEnd = log.endsWith('\n')
    return parsed && { stream, time: parsed, text: Buffer.from(isLineEnd ? log.slice(0, -1) : log), isLineEnd }
  } catch {
    // Cut off: the engine writes it just now.
    return undefined
  }
}
