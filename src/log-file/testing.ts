/** For tests: log files as engines write them, and what a scanner makes of a file that comes in pieces. */
import { recordKind, type RecordScanner } from './records.ts'

export interface ReadRecord {
  /** A character for each byte. */
  readonly text: string
  readonly kind: number
  readonly seconds: number
  readonly nanos: number
}

export interface WrittenRecord {
  readonly log: string
  readonly stream: 'stdout' | 'stderr'
  readonly time: string
  readonly attrs?: Readonly<Record<string, string>>
}

/** A string as Go's encoding/json writes it, with HTML escaped: what Docker does. */
export function goString(text: string): string {
  return JSON.stringify(text)
    .replace(/[<>&\u2028\u2029]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .replace(/\\ud[89a-f][0-9a-f]{2}/g, '\\ufffd')
}

/** One line of a file of Docker. */
export function dockerRecord({ log, stream, time, attrs }: WrittenRecord): string {
  const pairs = Object.entries(attrs ?? {}).map(([key, value]) => `${goString(key)}:${goString(value)}`)
  const labels = pairs.length === 0 ? '' : `,"attrs":{${pairs.join(',')}}`
  return `{"log":${goString(log)},"stream":"${stream}"${labels},"time":"${time}"}\n`
}

/**
 * Reads a file that grows to each of `cuts` in turn, as a follower does.
 * @returns its records, and the bytes after the last.
 */
export function readAll(scanner: RecordScanner, file: Buffer, cuts: readonly number[] = []) {
  const read: ReadRecord[] = []
  let left = 0
  let from = 0
  for (const cut of [...cuts, file.length]) {
    let filled = left + file.copy(scanner.input, left, from, cut)
    from = cut
    let start = 0
    for (let count = scanner.scan(0, filled); count > 0; count = scanner.scan(start, filled)) {
      for (let row = 0; row < count; row++) read.push(rowOf(scanner, row))
      start = scanner.records.next[count - 1]!
    }
    scanner.input.copyWithin(0, start, filled)
    filled -= start
    left = filled
  }
  return { read, left }
}

function rowOf({ output, records }: RecordScanner, row: number): ReadRecord {
  return {
    text: output.toString('latin1', records.start[row], records.end[row]),
    kind: records.kind[row]!,
    seconds: records.seconds[row]!,
    nanos: records.nanos[row]!,
  }
}

/** The kind of a record whose text is `log`. */
export function kindOf(stream: 'stdout' | 'stderr', log: string): number {
  return recordKind[stream] | (log.endsWith('\n') ? recordKind.lineFeed : 0)
}
