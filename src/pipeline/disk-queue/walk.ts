/** The records of a segment one after the other, without their columns and arenas: as fast as a disk seeks, in little memory. */
import type { FileHandle } from 'node:fs/promises'
import { decodeHead } from '../../batch/codec.ts'
import { headCrcOf, recordHeaderBytes, recordStartBytes } from './record.ts'

export interface Found {
  readonly start: number
  readonly end: number
  readonly lines: number
  /** Offset at which the record's group begins; undefined: the record is damaged, and so may be its other numbers. */
  readonly groupStart: number | undefined
  /** See batch/codec.ts; valid until the next record is asked for. */
  readonly json: Buffer
}

/** Begins at `from`, which must be where a record begins. `size` is the length of the file. */
export async function* walk(file: FileHandle, from: number, size: number): AsyncGenerator<Found, void, undefined> {
  const view = new FileView(file, size)
  let at = from
  while (at < size) {
    const { found, ends } = await lookAt(view, at)
    if (found) {
      yield found
      at = found.end
      continue
    }
    const end = await nextStart(view, ends)
    // Where nothing tells the end of a damaged record, what follows is lost with it.
    yield { start: at, end: end ?? size, lines: 0, groupStart: undefined, json: Buffer.alloc(0) }
    at = end ?? size
  }
}

/** `ends`: where the record may end, if it is damaged: its length is there twice. */
async function lookAt(view: FileView, start: number): Promise<{ found?: Found; ends: readonly number[] }> {
  const seen = await view.read(start, recordStartBytes)
  if (!seen) return { ends: [] }
  const bytes = Buffer.from(seen)
  const batch = bytes.subarray(recordHeaderBytes)
  const head = decodeHead(batch)
  const end = start + recordHeaderBytes + head.bytes
  const ends = [end, start + recordHeaderBytes + bytes.readUInt32LE(0)]
  if (ends[0] !== ends[1]) return { ends }
  const json = await view.read(start + recordHeaderBytes + head.jsonAt, head.jsonBytes)
  if (!json || end > view.size || headCrcOf(bytes, batch, json) !== bytes.readUInt32LE(16)) return { ends }
  return { found: { start, end, lines: bytes.readUInt32LE(8), groupStart: bytes.readUInt32LE(4), json }, ends }
}

/** The first of `ends` at which a record begins, or the file ends. */
async function nextStart(view: FileView, ends: readonly number[]): Promise<number | undefined> {
  for (const end of ends) {
    if (end === view.size) return end
    const { found } = await lookAt(view, end)
    if (found) return end
  }
  return undefined
}

/** Reads pieces of a file that mostly lie close together. */
class FileView {
  readonly size: number
  readonly #file: FileHandle
  readonly #buffer = Buffer.allocUnsafe(64 * 1024)
  #at = 0
  #length = 0

  constructor(file: FileHandle, size: number) {
    this.#file = file
    this.size = size
  }

  /** Valid until the next call; undefined: the file is not so long. */
  async read(at: number, bytes: number): Promise<Buffer | undefined> {
    if (at + bytes > this.size) return undefined
    if (at < this.#at || at + bytes > this.#at + this.#length) {
      const buffer = bytes > this.#buffer.length ? Buffer.allocUnsafe(bytes) : this.#buffer
      const { bytesRead } = await this.#file.read(buffer, 0, buffer.length, at)
      if (buffer !== this.#buffer) return bytesRead === bytes ? buffer : undefined
      this.#at = at
      this.#length = bytesRead
      if (bytesRead < bytes) return undefined
    }
    return this.#buffer.subarray(at - this.#at, at - this.#at + bytes)
  }
}
