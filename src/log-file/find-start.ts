/** Where the reading of a container's log files goes on. */
import { gunzipSync, constants } from 'node:zlib'
import type { LineStream } from '../engine/line-stream.ts'
import { earliestCursor, hasLines, type LogStreams } from '../engine/log-streams.ts'
import { compareTimes } from '../lib/timestamp.ts'
import type { LogDriver, Time } from './log-driver.ts'
import type { LogFile } from './log-file.ts'
import type { RecordScanner } from './record-scanner.ts'

/** Where to begin. */
export interface Start {
  /** Index of the first file to read. */
  readonly file: number
  readonly position: number
  /** Both streams go on exactly at their places; otherwise lines that were taken are known by their times. */
  readonly isExact: boolean
  /** Lines between the cursor and the start may be missing. */
  readonly hasGap: boolean
}

const beginning: Start = { file: 0, position: 0, isExact: false, hasGap: false }
/** Bytes of a compressed file that are looked at for its first record. */
const firstRecordBytes = 128 * 1024

/**
 * Where both streams miss nothing: at the earlier of their places, if these are still what they were; else at the beginning of the newest file that
 * began no later than the earlier cursor. Times alone do not tell after the engine's clock was set back; places do.
 */
export function findStart(files: readonly LogFile[], streams: LogStreams, driver: LogDriver): Start {
  const known = [streams.stdout, streams.stderr].filter((stream) => stream.hasCursor)
  if (known.length === 0) return beginning
  const places = known.map((stream) => placeOf(files, stream, driver))
  if (places.every((place) => place !== undefined)) {
    const [first] = places.sort((a, b) => a.file - b.file || a.position - b.position)
    return { ...first!, isExact: true, hasGap: false }
  }
  if (known.some((stream) => stream.isAhead)) return beginning
  const began = lastBegunBy(files, earliestCursor(streams)!, driver.scanner)
  return began < 0 ? { ...beginning, hasGap: hasLines(streams) } : { ...beginning, file: began }
}

/** Index of the newest file whose first record is no later than `time`; -1 when there is none. */
export function lastBegunBy(files: readonly LogFile[], time: Time, scanner: RecordScanner): number {
  return files.findLastIndex((file) => {
    const first = firstTime(file, scanner)
    return first !== undefined && compareTimes(first, time) <= 0
  })
}

/** The stream's place, if a record of the cursor's time still ends there. */
function placeOf(
  files: readonly LogFile[],
  stream: LineStream,
  driver: LogDriver,
): { file: number; position: number } | undefined {
  const file = files.findIndex(({ inode, isCompressed }) => inode === stream.inode && !isCompressed)
  if (stream.inode === 0 || file < 0) return undefined
  const from = Math.max(0, stream.offset - driver.endBytes)
  const bytes = files[file]!.peek(from, stream.offset - from)
  const time = bytes.length === stream.offset - from ? driver.timeAtEnd(bytes) : undefined
  if (time?.seconds !== stream.seconds || time.nanos !== stream.nanos) return undefined
  return { file, position: stream.offset }
}

/** The time of the file's first record; undefined when it has none. */
export function firstTime(file: LogFile, scanner: RecordScanner): Time | undefined {
  const bytes = file.peek(0, firstRecordBytes)
  const length = (file.isCompressed ? decompressBeginning(bytes) : bytes).copy(scanner.input, 0)
  const count = scanner.scan(0, length)
  const { seconds, nanos } = scanner.records
  for (let i = 0; i < count; i++) if (seconds[i]! > 0) return { seconds: seconds[i]!, nanos: nanos[i]! }
  return undefined
}

function decompressBeginning(bytes: Buffer): Buffer {
  try {
    return gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH })
  } catch {
    return Buffer.alloc(0) // Not whole yet, or damaged: reading it says so.
  }
}
