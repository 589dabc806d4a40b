import { type FileHandle, open } from 'node:fs/promises'
import type { Batch } from '../../batch/batch.ts'
import { codeOf } from '../../lib/error.ts'
import type { BufferPool } from '../../lib/buffer-pool.ts'
import { Chunks } from '../../lib/chunks.ts'
import { decodeRecord, recordAt } from './record.ts'
import type { Segment } from './segment.ts'

/** What reading a record meets when the record is gone for good; everything else may be better the next time. */
const lastingErrors = new Set(['EIO', 'ENOENT', 'EUCLEAN', 'EBADMSG'])

/** A full batch of the sources, with its columns, has room in it. */
const chunkBytes = 1_536 * 1024

/** Reads records; keeps the segment that it has read from open for the next. */
export class SegmentReader {
  readonly #chunks: Chunks
  #open: { readonly segment: Segment; readonly file: FileHandle } | undefined

  constructor(pool: BufferPool) {
    this.#chunks = new Chunks(pool, chunkBytes)
  }

  /** Undefined: the record is damaged. @throws when it cannot be read this time */
  async read(segment: Segment, record: number): Promise<Batch | undefined> {
    try {
      if (this.#open?.segment !== segment) {
        await this.close()
        this.#open = { segment, file: await open(segment.path, 'r') }
      }
      return await this.#readRecord(this.#open.file, {
        bytes: segment.sizeOf(record).bytes,
        at: segment.startOf(record),
      })
    } catch (error) {
      if (lastingErrors.has(codeOf(error) ?? '')) return undefined
      throw error
    }
  }

  /** The batch's memory serves again when the batch is released. */
  async #readRecord(file: FileHandle, { bytes, at }: { bytes: number; at: number }): Promise<Batch | undefined> {
    const memory = this.#chunks.take(recordAt + bytes)
    const record = memory.bytes.subarray(recordAt)
    let batch: Batch | undefined
    try {
      await fill(record, file, at)
      batch = decodeRecord(record, () => memory.release())
      return batch
    } finally {
      if (!batch) memory.release()
    }
  }

  async close(): Promise<void> {
    const file = this.#open?.file
    this.#open = undefined
    await file?.close()
  }
}

/** Where the file ends before, the rest becomes zeros, which no checksum fits. */
async function fill(bytes: Buffer, file: FileHandle, from: number): Promise<void> {
  let done = 0
  while (done < bytes.length) {
    const { bytesRead } = await file.read(bytes, done, bytes.length - done, from + done)
    if (bytesRead === 0) break
    done += bytesRead
  }
  bytes.fill(0, done)
}
