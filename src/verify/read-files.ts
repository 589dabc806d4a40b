import { createReadStream } from 'node:fs'
import { basename } from 'node:path'
import { messageOf } from '../lib/error.ts'
import { counted } from '../lib/words.ts'
import type { Delivered } from './delivered.ts'
import type { Destination, Held, Wanted } from './destination.ts'
import { findFiles, type FoundFile } from './find-files.ts'
import { noTime } from './line-columns.ts'
import { type DeliveredRecord, type FieldPaths, parseRecord } from './record.ts'
import { eachLine, highWaterMark, openText } from './text-lines.ts'
import type { TruthContainer } from './truth.ts'
import { VerifyError } from './verify-error.ts'

export interface FilesOptions {
  readonly pattern: string
  /** `auto`: NDJSON where the first line of a file is a record with a known message field. */
  readonly format: 'auto' | 'ndjson' | 'text'
  readonly fields: FieldPaths
}

/** How often reading begins anew when files are rotated meanwhile. */
const maxAttempts = 5

export function filesDestination(options: FilesOptions): Destination {
  return { read: (wanted, signal) => readFiles(options, wanted, signal) }
}

/** Reads all records of the files; once more when they were rotated meanwhile. */
async function readFiles(options: FilesOptions, wanted: Wanted, signal: AbortSignal): Promise<Held> {
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const files = await findFiles(options.pattern)
    const delivered = wanted.begin()
    let unreadable = 0
    try {
      for (const file of files)
        unreadable += await readFile(file, { ...options, listed: wanted.listed }, { delivered, signal })
    } catch (error) {
      signal.throwIfAborted()
      if (await isUnchanged(files, options.pattern)) throw unreadableError(error)
      continue
    }
    if (await isUnchanged(files, options.pattern))
      return { delivered, place: counted(files.length, 'file'), unreadable, notes: [] }
  }
  throw new VerifyError(`the files of ${options.pattern} were rotated faster than they could be read`)
}

/** Whether every file is where it was. Files may have come. */
async function isUnchanged(files: readonly FoundFile[], pattern: string): Promise<boolean> {
  const now = new Map((await findFiles(pattern)).map(({ path, inode }) => [path, inode]))
  return files.every(({ path, inode }) => now.get(path) === inode)
}

function unreadableError(error: unknown): VerifyError {
  return new VerifyError(`a file of the destination cannot be read: ${messageOf(error)}`, { cause: error })
}

/** @returns the lines that are no records. */
async function readFile(
  file: FoundFile,
  { format, fields, listed }: FilesOptions & Pick<Wanted, 'listed'>,
  { delivered, signal }: { delivered: Delivered; signal: AbortSignal },
): Promise<number> {
  const fromPath = whatPathSays(file, listed)
  let isText = format === 'auto' ? undefined : format === 'text'
  let unreadable = 0
  await eachLine(openText(file.path, createReadStream(file.path, { signal, highWaterMark })), (bytes) => {
    isText ??= parseRecord(bytes.toString(), fields) === undefined
    const record = isText ? textRecord(bytes) : parseRecord(bytes.toString(), fields)
    if (!record) unreadable += 1
    else
      delivered.take({
        ...record,
        stream: record.stream ?? fromPath.stream,
        containerId: record.containerId ?? fromPath.containerId,
        containerName: record.containerName ?? fromPath.containerName,
      })
  })
  return unreadable
}

function textRecord(text: Buffer): DeliveredRecord {
  return {
    text: Buffer.from(text),
    seconds: noTime,
    nanos: 0,
    stream: undefined,
    containerId: undefined,
    containerName: undefined,
    flags: 0,
  }
}

/** Placeholders say it exactly; otherwise the longest container name, or an id, that is in the file's name. */
function whatPathSays({ path, says }: FoundFile, containers: readonly TruthContainer[]) {
  const stream = says['stream'] ?? /stdout|stderr/.exec(basename(path))?.[0]
  const named = says['container.name'] ?? says['container.id']
  const guessed =
    named === undefined
      ? containers
          .filter(({ id, name }) => path.includes(id.slice(0, 12)) || (name !== '' && path.includes(name)))
          .sort((a, b) => b.name.length - a.name.length)[0]
      : undefined
  return {
    stream: stream === 'stdout' || stream === 'stderr' ? stream : undefined,
    containerId: says['container.id'] ?? guessed?.id,
    containerName: says['container.name'] ?? guessed?.name,
  } as const
}
