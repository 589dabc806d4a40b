/** What a process before left in the folder of a queue, made ready to go on with. */
import { constants } from 'node:fs'
import { access, type FileHandle, mkdir, open, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { decodeProgress } from '../../batch/codec.ts'
import type { Progress } from '../../batch/origin.ts'
import { codeOf } from '../../lib/error.ts'
import { syncFolder } from '../../lib/atomic-file.ts'
import { DiskQueueError } from './disk-queue-error.ts'
import { type Position, PositionFile } from './position-file.ts'
import { isIntact } from './record.ts'
import { numberOf, Segment, segmentHeaderBytes, segmentVersion, type Size, versionOf } from './segment.ts'
import { type Found, walk } from './walk.ts'

export interface Recovered {
  /** Those with something in them, oldest first. */
  readonly segments: readonly Segment[]
  readonly positionFile: PositionFile
  /** Larger than the number of every segment that there was. */
  readonly nextNumber: number
  readonly progress: readonly Progress[]
  /** What was cut off behind the last whole record. */
  readonly torn: Size
  /** Records whose beginning is damaged, so that it is known already that they cannot be read. */
  readonly damaged: Size
}

interface Findings {
  readonly progress: Map<string, Progress>
  torn: Size
  damaged: Size
}

const nothing: Size = { records: 0, lines: 0, bytes: 0 }

/** First by itself: with `recursive` Node tells of a read-only file system as of a missing folder. */
async function createFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') await mkdir(folder, { recursive: true })
    else if (codeOf(error) !== 'EEXIST') throw error
  }
}

export async function recover(folder: string): Promise<Recovered> {
  await createFolder(folder)
  await access(folder, constants.R_OK | constants.W_OK | constants.X_OK)
  const positionFile = new PositionFile(join(folder, 'position'))
  const position = await positionFile.read()
  const numbers = await segmentNumbers(folder)
  const findings: Findings = { progress: new Map(), torn: nothing, damaged: nothing }
  const segments: Segment[] = []
  for (const number of numbers) {
    const segment = new Segment(folder, number, startIn(number, position))
    const isKept = number >= (position?.segment ?? 0) && (await load(segment, number === numbers.at(-1), findings))
    if (isKept) segments.push(segment)
    else await rm(segment.path)
  }
  await syncFolder(folder)
  const { progress, torn, damaged } = findings
  const nextNumber = Math.max(0, position?.segment ?? 0, ...numbers.slice(-1)) + 1
  return { segments, positionFile, nextNumber, progress: [...progress.values()], torn, damaged }
}

/** In order. */
export async function segmentNumbers(folder: string): Promise<number[]> {
  const numbers = (await readdir(folder)).map(numberOf).filter((number) => number !== undefined)
  return numbers.sort((a, b) => a - b)
}

function startIn(number: number, position: Position | undefined): number {
  return position?.segment === number ? position.offset : segmentHeaderBytes
}

/** Indexes what the segment has; false: nothing. */
async function load(segment: Segment, isLast: boolean, findings: Findings): Promise<boolean> {
  const file = await open(segment.path, isLast ? 'r+' : 'r')
  try {
    await refuseOtherVersions(segment, file)
    const from = segment.size
    let { size } = await file.stat()
    if (isLast) {
      const tear = await findTear(file, from, size)
      if (tear) {
        size = tear.at
        findings.torn = tear.lost
        await file.truncate(size)
      }
      // What is whole here may be so in the page cache only; what is appended behind it will say that it is on disk.
      await file.datasync()
    }
    for await (const found of walk(file, from, size)) index(segment, found, findings)
  } finally {
    await file.close()
  }
  return !segment.isConsumed
}

/** A header that is damaged is no reason to give up records, which have checksums of their own. */
async function refuseOtherVersions(segment: Segment, file: FileHandle): Promise<void> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(segmentHeaderBytes), 0, segmentHeaderBytes, 0)
  const version = versionOf(buffer.subarray(0, bytesRead)) ?? segmentVersion
  if (version === segmentVersion) return
  throw new DiskQueueError(
    `cannot read ${segment.path}`,
    `it is of version ${version}, and this program writes ${segmentVersion}`,
  )
}

function index(segment: Segment, found: Found, findings: Findings): void {
  segment.add(found.end, found.lines)
  if (found.groupStart === undefined) {
    segment.lose(segment.count - 1)
    findings.damaged = sum(findings.damaged, segment.sizeOf(segment.count - 1))
    return
  }
  let progress: readonly Progress[]
  try {
    progress = decodeProgress(found.json)
  } catch {
    return // Not written by us, though its checksum fits: it is counted when it is read.
  }
  for (const one of progress) findings.progress.set(one.key, one)
}

/** Where the first record begins that is not whole and was never confirmed, and what lies from there on. */
async function findTear(file: FileHandle, from: number, size: number): Promise<{ at: number; lost: Size } | undefined> {
  const records: Omit<Found, 'json'>[] = []
  let confirmedTo = from
  for await (const { start, end, lines, groupStart } of walk(file, from, size)) {
    records.push({ start, end, lines, groupStart })
    confirmedTo = Math.max(confirmedTo, groupStart ?? 0)
  }
  for (const [i, record] of records.entries()) {
    if (record.start < confirmedTo || (record.groupStart !== undefined && (await isWhole(file, record)))) continue
    const torn = records.slice(i)
    const lines = torn.reduce((total, one) => total + one.lines, 0)
    return { at: record.start, lost: { records: torn.length, lines, bytes: size - record.start } }
  }
  return undefined
}

async function isWhole(file: FileHandle, { start, end }: Omit<Found, 'json'>): Promise<boolean> {
  const bytes = Buffer.allocUnsafe(end - start)
  const { bytesRead } = await file.read(bytes, 0, bytes.length, start)
  return bytesRead === bytes.length && isIntact(bytes)
}

function sum(a: Size, b: Size): Size {
  return { records: a.records + b.records, lines: a.lines + b.lines, bytes: a.bytes + b.bytes }
}
