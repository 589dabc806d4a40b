import type { FileHandle } from 'node:fs/promises'
import { decodeHead, markOf, metaBytesOf, type RecordHead, recordHeadBytes, segmentHeadBytes } from './record.ts'

const windowBytes = 64 * 1024

/** Bytes of a file that are no records. */
export interface Damage {
  readonly from: number
  readonly to: number
}

/**
 * The records of a segment between `from` (where one begins) and `to`, without their bodies. What is damaged is passed over up to the next
 * record; `onDamage` is told. Memory does not depend on the number of records, nor on their size.
 */
export async function* scanRecords(
  file: FileHandle,
  { from, to }: { readonly from: number; readonly to: number },
  onDamage: (damage: Damage) => void,
): AsyncGenerator<RecordHead> {
  const window = new Window(file, to)
  const mark = markOf(await window.read(0, segmentHeadBytes))
  if (mark === undefined) {
    onDamage({ from: 0, to })
    return
  }
  let at = Math.max(from, segmentHeadBytes)
  while (at < to) {
    let head = await headAt(window, at, mark)
    if (head === undefined) {
      const next = await nextRecord(window, at + 1, mark)
      onDamage({ from: at, to: next?.at ?? to })
      if (next === undefined) return
      head = next
    }
    yield head
    at = head.end
  }
}

/** The record that begins at `at`; undefined where none does, or not all of it is there. */
export async function readHead(
  file: FileHandle,
  { at, to }: { readonly at: number; readonly to: number },
): Promise<RecordHead | undefined> {
  const window = new Window(file, to, 4 * 1024)
  const mark = markOf(await window.read(0, segmentHeadBytes))
  return mark && headAt(window, at, mark)
}

async function headAt(window: Window, at: number, mark: Buffer): Promise<RecordHead | undefined> {
  const metaBytes = metaBytesOf(await window.read(at, recordHeadBytes), mark)
  if (metaBytes === undefined || at + recordHeadBytes + metaBytes > window.end) return undefined
  const head = decodeHead(await window.read(at, recordHeadBytes + metaBytes), at)
  return head && head.end <= window.end ? head : undefined
}

async function nextRecord(window: Window, from: number, mark: Buffer): Promise<RecordHead | undefined> {
  for (let at = await window.find(mark, from); at !== undefined; at = await window.find(mark, at + 1)) {
    const head = await headAt(window, at, mark)
    if (head) return head
  }
  return undefined
}

/** A part of a file in memory, which moves with what is asked for. */
class Window {
  readonly end: number
  readonly #file: FileHandle
  readonly #bytesAhead: number
  #buffer: Buffer = Buffer.alloc(0)
  #from = 0

  constructor(file: FileHandle, end: number, bytesAhead = windowBytes) {
    this.#file = file
    this.end = end
    this.#bytesAhead = bytesAhead
  }

  /** A view, valid until the next call; shorter where the file ends. */
  async read(at: number, count: number): Promise<Buffer> {
    if (at < this.#from || at + count > this.#from + this.#buffer.length) await this.#move(at, count)
    return this.#buffer.subarray(at - this.#from, at - this.#from + count)
  }

  async find(mark: Buffer, from: number): Promise<number | undefined> {
    for (let at = from; at < this.end; at += this.#bytesAhead) {
      // The mark may begin at the very end of one part.
      const found = (await this.read(at, Math.min(this.#bytesAhead + mark.length - 1, this.end - at))).indexOf(mark)
      if (found >= 0) return at + found
    }
    return undefined
  }

  async #move(at: number, count: number): Promise<void> {
    const buffer = Buffer.allocUnsafe(Math.max(0, Math.min(Math.max(count, this.#bytesAhead), this.end - at)))
    this.#buffer = buffer.subarray(0, await readAll(this.#file, buffer, at))
    this.#from = at
  }
}

/** Fills `buffer` from `at` on. @returns the bytes that the file had. */
export async function readAll(file: FileHandle, buffer: Buffer, at: number): Promise<number> {
  let filled = 0
  while (filled < buffer.length) {
    const { bytesRead } = await file.read(buffer, filled, buffer.length - filled, at + filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return filled
}
