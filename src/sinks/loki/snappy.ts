/**
 * Snappy, block format (google/snappy, format_description.txt): the length as a varint, then the elements of one block after the other. A block is
 * 64 KiB, so that an offset within it always fits.
 */
import type { BlockEncoder } from './block-encoder.ts'
import { writeVarint } from './pairs.ts'
import { plainBlockEncoder } from './plain-snappy.ts'

export const blockBytes = 65_536

/** Bytes that `bytes` of input may become at the most. */
export function maxCompressedBytes(bytes: number): number {
  return 32 + bytes + Math.ceil(bytes / 6)
}

/** Not to be called while a call runs: memory is kept between calls. */
export class SnappyEncoder {
  readonly #encodeBlock: BlockEncoder

  constructor(encodeBlock: BlockEncoder = plainBlockEncoder()) {
    this.#encodeBlock = encodeBlock
  }

  /** Compresses `source` up to `length` into `target`, which has `maxCompressedBytes(length)`. @returns the bytes written. */
  encode(source: Uint8Array, length: number, target: Uint8Array): number {
    let at = writeVarint(length, target, 0)
    for (let from = 0; from < length; from += blockBytes)
      at = this.#encodeBlock(source, from, Math.min(length, from + blockBytes), target, at)
    return at
  }
}
