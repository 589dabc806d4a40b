/**
 * How far the queue is consumed. Two slots, a page apart, written in turn, so that a write that is torn leaves the position before it:
 *
 *     slot       u32 CRC-32 of the rest, u32 0, f64 generation, f64 number of the segment, f64 offset in it
 *
 * A write that has ended outlives the process without being synced. The file is open only while it is written.
 */
import { type FileHandle, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { crc32 } from 'node:zlib'
import { syncFolder } from '../../lib/atomic-file.ts'
import { codeOf } from '../../lib/error.ts'

/** Everything before this offset of this segment, and all segments with smaller numbers, are consumed. */
export interface Position {
  readonly segment: number
  readonly offset: number
}

const slotBytes = 32
const slotDistance = 4096

export class PositionFile {
  readonly #path: string
  #generation = 0
  #isThere = false

  constructor(path: string) {
    this.#path = path
  }

  /** The newest position that was written whole; undefined: there is none. */
  async read(): Promise<Position | undefined> {
    let bytes: Buffer
    try {
      bytes = await this.#use('r', (file) => file.readFile())
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return undefined
      throw error
    }
    this.#isThere = bytes.length === slotDistance + slotBytes
    let found: Position | undefined
    for (const at of [0, slotDistance]) {
      const slot = bytes.subarray(at, at + slotBytes)
      if (slot.length < slotBytes || crc32(slot.subarray(4)) !== slot.readUInt32LE(0)) continue
      const generation = slot.readDoubleLE(8)
      if (generation <= this.#generation) continue
      this.#generation = generation
      found = { segment: slot.readDoubleLE(16), offset: slot.readDoubleLE(24) }
    }
    return found
  }

  /** Takes the room on the disk that later writes need, so that a full disk stops none of them. */
  async reserve(): Promise<void> {
    if (this.#isThere) return
    await this.#use('w', async (file) => {
      await file.writeFile(Buffer.alloc(slotDistance + slotBytes))
      await file.datasync()
    })
    await syncFolder(dirname(this.#path))
    this.#isThere = true
  }

  /** One at a time. */
  async write({ segment, offset }: Position): Promise<void> {
    await this.reserve()
    const slot = Buffer.alloc(slotBytes)
    const generation = this.#generation + 1
    slot.writeDoubleLE(generation, 8)
    slot.writeDoubleLE(segment, 16)
    slot.writeDoubleLE(offset, 24)
    slot.writeUInt32LE(crc32(slot.subarray(4)), 0)
    await this.#use('r+', (file) => file.write(slot, 0, slotBytes, (generation % 2) * slotDistance))
    this.#generation = generation
  }

  async sync(): Promise<void> {
    await this.#use('r+', (file) => file.datasync())
  }

  async #use<R>(flags: string, work: (file: FileHandle) => Promise<R>): Promise<R> {
    const file = await open(this.#path, flags, 0o640)
    try {
      return await work(file)
    } finally {
      await file.close()
    }
  }
}
