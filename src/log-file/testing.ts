/** For tests: a log as the engine's json-file driver writes it, and what is read from it. */
import {
  appendFileSync,
  existsSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  readFileSync,
  writeFileSync,
} from 'node:fs'
import { gzipSync } from 'node:zlib'
import { formatTimestamp } from '../lib/timestamp.ts'

export interface WrittenLine {
  readonly stream: 'stdout' | 'stderr'
  readonly seconds: number
  readonly nanos: number
  readonly text: string
}

const pieceBytes = 16_384

/** The records of one line, as Go's encoder writes them: with `<`, `>` and `&` escaped, and the fraction's trailing zeros cut. */
export function recordsOf({ stream, seconds, nanos, text }: WrittenLine, isUnterminated = false): string {
  const time = formatTimestamp(seconds, nanos).replace(/\.?0*Z$/, 'Z')
  const whole = isUnterminated ? text : `${text}\n`
  let records = ''
  for (let at = 0; at < Math.max(1, whole.length); at += pieceBytes) {
    const log = JSON.stringify(whole.slice(at, at + pieceBytes)).replace(
      /[<>&]/g,
      (sign) => `\\u00${sign.charCodeAt(0).toString(16)}`,
    )
    records += `{"log":${log},"stream":"${stream}","time":"${time}"}\n`
  }
  return records
}

export interface WrittenLogOptions {
  readonly path: string
  readonly maxBytes: number
  readonly maxFiles: number
  readonly isCompressed?: boolean
}

/** Writes and turns over as Docker does: a file that is full is renamed, or truncated where there is only one. */
export class WrittenLog {
  readonly #options: WrittenLogOptions

  constructor(options: WrittenLogOptions) {
    this.#options = options
    writeFileSync(options.path, '')
  }

  write(records: string): void {
    const { path, maxBytes } = this.#options
    if (statSync(path).size >= maxBytes) this.rotate()
    appendFileSync(path, records)
  }

  rotate(): void {
    const { path, maxFiles, isCompressed = false } = this.#options
    if (maxFiles === 1) {
      truncateSync(path)
      return
    }
    const suffix = isCompressed ? '.gz' : ''
    rmSync(`${path}.${maxFiles - 1}${suffix}`, { force: true })
    for (let age = maxFiles - 2; age >= 1; age--) {
      if (existsSync(`${path}.${age}${suffix}`)) renameSync(`${path}.${age}${suffix}`, `${path}.${age + 1}${suffix}`)
    }
    renameSync(path, `${path}.1`)
    writeFileSync(path, '')
    if (!isCompressed) return
    writeFileSync(`${path}.1.gz`, gzipSync(readFileSync(`${path}.1`)))
    rmSync(`${path}.1`)
  }
}
