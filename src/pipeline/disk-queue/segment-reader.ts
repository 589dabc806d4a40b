import { type FileHandle, open } from 'node:fs/promises'
import type { Batch } from '../../batch/batch.ts'
import { codeOf } from '../../lib/error.ts'
import { allocateRecord, decodeRecord } from './record.ts'
import type { Segment } from './segment.ts'

/** What reading a record meets when the record is gone for good; everything else may be better the next time. */
const lastingErrors = new Set(['EIO', 'ENOENT', 'EUCLEAN', 'EBADMSG'])

/** Reads records; keeps the segment that it has read from open for the next. */
export class SegmentReader {
  #open: { readonly segment: Segment; readonly file: FileHandle } | undefined

  /** Undefined: the record is damaged. @throws when it cannot be read this time */
  async read(segment: Segment, record: number): Promise<Batch | undefined> {
    try {
      if (this.#open?.segment !== segment) {
        await this.close()
        this.#open = { segment, file: await open(segment.path, 'r') }
      }
      const bytes = allocateRecord(segment.sizeOf(record).bytes)
      await fill(bytes, this.#open.file, segment.startOf(record))
      return decodeRecord(bytes)
    } catch (error) {
      if (lastingErrors.has(codeOf(error) ?? '')) return undefined
      throw error
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
