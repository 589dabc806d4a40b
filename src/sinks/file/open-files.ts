import { constants } from 'node:fs'
import { type FileHandle, mkdir, open, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { syncFolder } from '../../lib/atomic-file.ts'

/** A file that is being written to. */
export interface OpenFile {
  readonly path: string
  readonly handle: FileHandle
  readonly inode: number
  /** Where the next bytes go. */
  size: number
  /** Bytes that the disk has confirmed. */
  synced: number
  /** Milliseconds since 1970 at which it was begun. */
  readonly bornMs: number
  /** Bytes after `size` that a failed write left behind. */
  hasRubbish: boolean
}

/** Descriptors kept open between batches. */
const maxOpenFiles = 512

/** The files being written to, each with its only descriptor; those used least recently are closed when there are too many. */
export class OpenFiles implements AsyncDisposable {
  readonly #files = new Map<string, OpenFile>()

  get all(): IterableIterator<OpenFile> {
    return this.#files.values()
  }

  /** The file at `path`, made with its folders if it is not there. */
  async get(path: string): Promise<OpenFile> {
    const known = this.#files.get(path)
    if (known) {
      // Last in the order of use.
      this.#files.delete(path)
      this.#files.set(path, known)
      return known
    }
    const file = await openFile(path)
    this.#files.set(path, file)
    return file
  }

  /** Whether the file is still what its path names; somebody else may have moved or deleted it. */
  async isInPlace(file: OpenFile): Promise<boolean> {
    const found = await stat(file.path).catch(() => undefined)
    return found?.ino === file.inode
  }

  async close(file: OpenFile): Promise<void> {
    if (this.#files.get(file.path) === file) this.#files.delete(file.path)
    await file.handle.close()
  }

  /** Those that have to go for the number of open files to be within its bound. */
  surplus(): OpenFile[] {
    return [...this.#files.values()].slice(0, Math.max(0, this.#files.size - maxOpenFiles))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const files = [...this.#files.values()]
    this.#files.clear()
    for (const { handle } of files) await handle.close()
  }
}

async function openFile(path: string): Promise<OpenFile> {
  await mkdir(dirname(path), { recursive: true })
  // Not appending: after a failed write the next one has to go exactly where that one began.
  const handle = await open(path, constants.O_RDWR | constants.O_CREAT, 0o640)
  try {
    const { ino: inode, size, birthtimeMs, mtimeMs } = await handle.stat()
    if (size === 0) await syncFolder(dirname(path))
    return { path, handle, inode, size, synced: size, bornMs: birthtimeMs || mtimeMs, hasRubbish: false }
  } catch (error) {
    await handle.close()
    throw error
  }
}
