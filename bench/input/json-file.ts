import { closeSync, openSync, writeSync } from 'node:fs'
import { formatTimestamp } from '../../src/lib/timestamp.ts'
import { dockerRecord } from '../../src/log-file/testing.ts'
import { SeededRandom } from '../../src/simulator/random.ts'
import { type Line, lines } from './lines.ts'

const bytesPerWrite = 1 << 20
const beganAtSeconds = 1_760_000_000
const nanosPerLine = 10_007

/** A record as Docker's driver json-file writes it. */
export function recordOf({ stream, text }: Line, time: string): string {
  return dockerRecord({ log: `${text}\n`, stream, time })
}

export interface Input {
  readonly path: string
  readonly lines: number
  /** Of the lines' own text, without line feeds. */
  readonly textBytes: number
}

/** Writes a log file of so many lines; the same seed, the same bytes. */
export function makeInput(path: string, count: number, seed: number): Input {
  const file = openSync(path, 'w')
  const source = lines(new SeededRandom(seed))
  let [text, textBytes] = ['', 0]
  for (let number = 0; number < count; number++) {
    const line = source.next().value
    textBytes += Buffer.byteLength(line.text)
    const nanos = number * nanosPerLine
    text += recordOf(line, formatTimestamp(beganAtSeconds + Math.floor(nanos / 1e9), nanos % 1e9))
    if (text.length < bytesPerWrite) continue
    writeSync(file, text)
    text = ''
  }
  writeSync(file, text)
  closeSync(file)
  return { path, lines: count, textBytes }
}
