/** One file of a container's log, open for reading, and the place up to which its records were taken. */
import { closeSync, createReadStream, fstatSync, openSync, readSync } from 'node:fs'
import { codeOf } from '../lib/error.ts'
import { createGunzip } from 'node:zlib'
import { LogFileError } from './log-file-error.ts'

/** Room for what proves the place of most records. */
const usualProofBytes = 40
/** Bytes in which a compressed file is read. */
export const inflatedBytes = 64 * 1024

export class LogFile implements Disposable {
  readonly path: string
  readonly isCompressed: boolean
  readonly inode: number
  /** Where the next record begins. */
  position = 0
  readonly #descriptor: number
  /** Bytes before the place, which are looked at again: the end of the last record, with its time. */
  #proof = Buffer.alloc(usualProofBytes)
  #proofLength = 0
  #isOpen = true

  private constructor(path: string, descriptor: number) {
    this.path = path
    this.isCompressed = path.endsWith('.gz')
    this.#descriptor = descriptor
    this.inode = fstatSync(descriptor).ino
  }

  /** @returns undefined when there is no such file. @throws LogFileError when it cannot be opened */
  static open(path: string): LogFile | undefined {
    try {
      return new LogFile(path, openSync(path, 'r'))
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return undefined
      throw new LogFileError(path, error)
    }
  }

  get size(): number {
    return fstatSync(this.#descriptor).size
  }

  /**
   * Fills `into` with the bytes that follow the place, behind as many bytes as prove that the file is still the one that was read.
   * @returns where the new bytes begin and end in `into`; undefined: what stood before the place is not there any more
   */
  read(into: Buffer): { from: number; to: number } | undefined {
    const from = this.#proofLength
    const to = readSync(this.#descriptor, into, 0, into.length, this.position - from)
    if (to < from || into.compare(this.#proof, 0, from, 0, from) !== 0) return undefined
    return { from, to }
  }

  /** The bytes at `position`: fewer where the file ends. */
  peek(position: number, length: number): Buffer {
    const bytes = Buffer.allocUnsafe(length)
    return bytes.subarray(0, readSync(this.#descriptor, bytes, 0, length, position))
  }

  /** The whole text of a compressed file. The descriptor stays open. */
  decompress(signal: AbortSignal): AsyncIterable<Buffer> {
    const compressed = createReadStream('', { fd: this.#descriptor, autoClose: false, start: 0, signal })
    const text = createGunzip({ chunkSize: inflatedBytes })
    compressed.on('error', (error) => text.destroy(error))
    return compressed.pipe(text)
  }

  /** The records in `bytes` up to `to` have been taken; they began at `from`, which is where the place was. `proofBytes` before `to` prove the new one. */
  advance(bytes: Buffer, from: number, to: number, proofBytes: number): void {
    this.position += to - from
    if (proofBytes > this.#proof.length) this.#proof = Buffer.allocUnsafeSlow(proofBytes)
    bytes.copy(this.#proof, 0, to - proofBytes, to)
    this.#proofLength = proofBytes
  }

  /** Goes on from `position`, whatever stands before it. */
  moveTo(position: number): void {
    this.position = position
    this.#proofLength = 0
  }

  [Symbol.dispose](): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    closeSync(this.#descriptor)
  }
}
