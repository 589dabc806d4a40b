import { constants } from 'node:fs'
import { type FileHandle, mkdir, open, stat, truncate } from 'node:fs/promises'
import { dirname } from 'node:path'
import { syncFolder } from '../../lib/atomic-file.ts'
import { codeOf } from '../../lib/error.ts'
import { all, FileError, fileError } from './file-error.ts'

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
  /** `performance.now()` when it was taken last. */
  takenAtMs: number
}

/** Where a file ends, as far as it counts. */
interface End {
  readonly inode: number
  readonly size: number
}

/** Appending: after somebody else has cut a file, writing on at the old place would leave a hole of NULs. */
const flags = constants.O_RDWR | constants.O_CREAT | constants.O_APPEND

/**
 * Descriptors kept open. With 256, every batch of 1,000 busy containers opens, syncs and closes the rest: 30 to 38 CPU s per million lines, with 1,024
 * it is 18 to 19 (three runs each, five lines for each file in a batch).
 */
export const maxOpenFiles = 1_024
/** Files that may be taken at once: those of one `take` stay open until the next. */
export const maxTakenFiles = 128

/**
 * The files being written to, each with its only descriptor; those used least recently are closed when there are too many. What is written
 * since the last `confirm` is one thing: it is confirmed as a whole or taken back as a whole, by `takeBack`, after any failure.
 */
export class OpenFiles implements AsyncDisposable {
  /** In the order of use. */
  readonly #files = new Map<string, OpenFile>()
  /** Files written to since the last confirmation, and where they ended then. Some are closed by now, their bytes on disk. */
  readonly #unconfirmed = new Map<string, End>()
  /** Bytes beyond these ends could not be taken back; it is tried again before anything else is written there. */
  readonly #rubbish = new Map<string, End>()
  /** Folders with new names in them that a power failure may still take. */
  readonly #changedFolders = new Set<string>()
  readonly #onCount: (open: number) => void

  /** `onCount` is told how many are open whenever that changes. */
  constructor(onCount: (open: number) => void = () => undefined) {
    this.#onCount = onCount
  }

  /** The files at these paths, at most `maxTakenFiles`, made with their folders if they are not there; closed by the sink, nobody else. */
  async take(paths: readonly string[]): Promise<OpenFile[]> {
    for (const path of paths) {
      const known = this.#files.get(path)
      if (!known) continue
      known.takenAtMs = performance.now()
      this.#files.delete(path)
      this.#files.set(path, known)
    }
    const unknown = paths.filter((path) => !this.#files.has(path))
    const surplus = this.#files.size + unknown.length - maxOpenFiles
    if (surplus > 0) await all([...this.#files.values()].slice(0, surplus).map((file) => this.#settleAndClose(file)))
    await all(unknown.map((path) => this.#open(path)))
    return paths.map((path) => this.#files.get(path)!)
  }

  /** Puts bytes at the end of a file. */
  async append(file: OpenFile, bytes: Uint8Array): Promise<void> {
    if (this.#unconfirmed.get(file.path)?.inode !== file.inode)
      this.#unconfirmed.set(file.path, { inode: file.inode, size: file.size })
    try {
      for (let done = 0; done < bytes.length; ) {
        const { bytesWritten } = await file.handle.write(bytes, done, bytes.length - done, null)
        done += bytesWritten
      }
    } catch (error) {
      throw fileError(file.path, error)
    }
    file.size += bytes.length
  }

  get hasUnconfirmed(): boolean {
    return this.#unconfirmed.size > 0
  }

  /** Resolves when everything written is on disk. Files that somebody else has moved are let go, so that the next lines go to a new one. */
  async confirm(): Promise<void> {
    const folders = [...this.#changedFolders]
    const files = [...this.#unconfirmed.keys()]
      .map((path) => this.#files.get(path))
      .filter((file) => file !== undefined)
    await all([...folders.map((folder) => syncFolder(folder)), ...files.map((file) => this.#settle(file))])
    for (const folder of folders) this.#changedFolders.delete(folder)
    this.#unconfirmed.clear()
  }

  /** Cuts every file back to where it ended at the last confirmation, and closes it: what is on disk is looked at afresh when it is opened again. */
  async takeBack(): Promise<void> {
    const ends = [...this.#unconfirmed]
    this.#unconfirmed.clear()
    await Promise.all(
      ends.map(async ([path, end]) => {
        const file = this.#files.get(path)
        try {
          if (file?.inode === end.inode) await cutHandle(file.handle, end)
          else await cutPath(path, end)
        } catch {
          this.#rubbish.set(path, end)
        }
        if (file) await this.#close(file).catch(() => undefined) // The descriptor is gone all the same.
      }),
    )
  }

  /** Closes a file of which everything is confirmed. */
  async release(path: string): Promise<void> {
    const file = this.#files.get(path)
    if (file) await this.#close(file)
  }

  /**
   * Closes the files that nothing was written to for so long: containers come and go for months, and what somebody removes takes room on the disk as long
   * as it is open.
   */
  async closeIdle(idleMs: number): Promise<void> {
    const usedSinceMs = performance.now() - idleMs
    const idle: OpenFile[] = []
    for (const file of this.#files.values()) {
      if (file.takenAtMs > usedSinceMs) break
      if (!this.#unconfirmed.has(file.path)) idle.push(file)
    }
    await all(idle.map((file) => this.#close(file)))
  }

  async #open(path: string): Promise<void> {
    try {
      const handle = await this.#openHandle(path)
      const { ino: inode, size, birthtimeMs, mtimeMs } = await statOf(handle)
      const file: OpenFile = {
        path,
        handle,
        inode,
        size,
        synced: size,
        bornMs: birthtimeMs || mtimeMs,
        takenAtMs: performance.now(),
      }
      this.#files.set(path, file)
      this.#onCount(this.#files.size)
      if (size === 0) this.#changedFolders.add(dirname(path))
      const rubbish = this.#rubbish.get(path)
      if (!rubbish) return
      await cutHandle(handle, rubbish)
      this.#rubbish.delete(path)
      file.size = file.synced = (await handle.stat()).size
    } catch (error) {
      await this.release(path)
      throw fileError(path, error)
    }
  }

  async #openHandle(path: string): Promise<FileHandle> {
    try {
      return await open(path, flags, 0o640)
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error
    }
    const folder = dirname(path)
    const made = await mkdir(folder, { recursive: true })
    // A folder's name is in the one above it: all of those that were made have to last, or the file does not.
    if (made !== undefined)
      for (let child = folder; child.length >= made.length; child = dirname(child))
        this.#changedFolders.add(dirname(child))
    return open(path, flags, 0o640)
  }

  /** On disk, and still where its path says. */
  async #settle(file: OpenFile): Promise<void> {
    try {
      if (file.size !== file.synced) await file.handle.datasync()
      file.synced = file.size
      const found = await stat(file.path).catch(() => undefined)
      if (found?.ino === file.inode) {
        // Cut by somebody else (logrotate's copytruncate), or appended to.
        file.size = file.synced = found.size
        return
      }
      if ((await file.handle.stat()).nlink > 0) await this.#close(file)
      else throw new FileError(`file deleted: ${file.path}: its last lines are written again, to a new file`)
    } catch (error) {
      throw fileError(file.path, error)
    }
  }

  async #settleAndClose(file: OpenFile): Promise<void> {
    if (this.#unconfirmed.has(file.path)) await this.#settle(file)
    await this.release(file.path)
  }

  async #close(file: OpenFile): Promise<void> {
    if (this.#files.get(file.path) === file) this.#files.delete(file.path)
    this.#onCount(this.#files.size)
    await file.handle.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await all([...this.#files.values()].map((file) => this.#close(file)))
  }
}

async function statOf(handle: FileHandle) {
  try {
    return await handle.stat()
  } catch (error) {
    await handle.close()
    throw error
  }
}

async function cutHandle(handle: FileHandle, { inode, size }: End): Promise<void> {
  const found = await handle.stat()
  if (found.ino === inode && found.size > size) await handle.truncate(size)
}

async function cutPath(path: string, { inode, size }: End): Promise<void> {
  const found = await stat(path)
  if (found.ino === inode && found.size > size) await truncate(path, size)
}
