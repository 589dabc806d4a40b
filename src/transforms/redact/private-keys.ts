import { BoundedMap } from '../../lib/bounded-map.ts'
import type { Finds } from './finds.ts'
import type { Line } from './line.ts'

const begin = Buffer.from('-----BEGIN ')
const end = Buffer.from('-----END ')
const keyWords = Buffer.from('PRIVATE KEY')
const dashes = Buffer.from('-----')
/** A key of 16,384 bits has 200 lines in PEM (RFC 7468). */
const maxLines = 256
/** Streams that are within a key at a time; more of them at once are an attack. */
const maxStreams = 4_096

/** Lines without this begin no private key. */
export const privateKeyNeedles = [keyWords]

/** Private keys in PEM, within a line or over many lines of one stream. */
export class PrivateKeys {
  /** Lines that may still come, of streams that are within a key. */
  readonly #within = new BoundedMap<string, number>(maxStreams)

  /** No stream is within a key: lines need not be asked about unless they begin one. */
  get isIdle(): boolean {
    return this.#within.size === 0
  }

  /** Adds what of a line belongs to a key that was begun in a line before. */
  findRest({ bytes, from, to, key }: Line, finds: Finds, rule: number): void {
    const left = this.#within.get(key)
    if (left === undefined) return
    const line = bytes.subarray(from, to)
    const ending = line.indexOf(end)
    if (ending !== -1) {
      this.#within.delete(key)
      finds.add(from, from + endOfEnding(line, ending), rule)
    } else if (left > 0 && isWithinKey(line)) {
      this.#within.set(key, left - 1)
      if (to > from) finds.add(from, to, rule)
    } else this.#within.delete(key)
  }

  /** Adds the keys that begin in the line; the rest of the line belongs to one that has no end there. */
  find({ bytes, from, to, key }: Line, finds: Finds, rule: number): void {
    const line = bytes.subarray(from, to)
    for (let at = line.indexOf(begin); at !== -1; ) {
      const words = line.subarray(at, at + 64).indexOf(keyWords)
      const ending = words === -1 ? at : line.indexOf(end, at + words)
      if (ending === -1) {
        this.#within.set(key, maxLines)
        finds.add(from + at, to, rule)
        return
      }
      const next = words === -1 ? at + begin.length : endOfEnding(line, ending)
      if (words !== -1) finds.add(from + at, from + next, rule)
      at = line.indexOf(begin, next)
    }
  }
}

/** Behind the dashes of `-----END PRIVATE KEY-----`. */
function endOfEnding(line: Buffer, ending: number): number {
  const closing = line.indexOf(dashes, ending + end.length)
  return closing === -1 ? line.length : closing + dashes.length
}

/** A line of base64, or one of the headers that older keys have. */
function isWithinKey(line: Buffer): boolean {
  if (line.length > 256) return false
  const text = line.toString('latin1').trim()
  return /^[A-Za-z0-9+/=]*$/.test(text) || /^(?:Proc-Type|DEK-Info|Version|Comment): /.test(text)
}
