import { rm } from 'node:fs/promises'
import { syncFolder } from '../../lib/atomic-file.ts'
import { messageOf } from '../../lib/error.ts'
import type { Log } from '../../telemetry/log.ts'
import type { Position, PositionFile } from './position-file.ts'

/**
 * Keeps on disk what is consumed: the newest position, and no files behind it. One thing at a time; what comes while one is under way is done
 * together. A failure is told once, and tried again with the next thing to do: there is no timer.
 */
export class Keeper {
  readonly #folder: string
  readonly #file: PositionFile
  readonly #log: Log
  #wanted: Position | undefined
  #written: Position | undefined
  #synced: Position | undefined
  readonly #behind = new Set<string>()
  #keeping: Promise<void> | undefined
  #hasFailed = false

  constructor(options: { folder: string; file: PositionFile; log: Log }) {
    this.#folder = options.folder
    this.#file = options.file
    this.#log = options.log
  }

  /** Everything before `position` is consumed. Begins to write it; never throws. */
  move(position: Position): void {
    this.#wanted = position
    void this.#keepQuietly()
  }

  /** Nothing in the file at `path` is needed any more. Begins to delete it; never throws. */
  remove(path: string): void {
    this.#behind.add(path)
    void this.#keepQuietly()
  }

  /** Resolves when nothing is to be done. @throws Error when something could not be done */
  async settled(): Promise<void> {
    while (this.#keeping || !this.#isKept) await (this.#keeping ??= this.#keep())
  }

  /** As `settled`, and the position will last through a power failure. */
  async sync(): Promise<void> {
    await this.settled()
    const written = this.#written
    if (written === this.#synced) return
    await this.#file.sync()
    this.#synced = written
  }

  /** As `sync`, as far as possible. */
  async syncQuietly(): Promise<void> {
    await this.#quietly(this.sync())
  }

  get #isKept(): boolean {
    return this.#wanted === this.#written && this.#behind.size === 0
  }

  async #keepQuietly(): Promise<void> {
    if (this.#keeping) return // What is under way takes this along.
    await this.#quietly(this.settled())
  }

  async #quietly(work: Promise<void>): Promise<void> {
    try {
      await work
      this.#hasFailed = false
    } catch (error) {
      if (!this.#hasFailed) {
        this.#log.error(
          { folder: this.#folder, error: messageOf(error) },
          'how far the queue on disk is consumed cannot be written; it is tried again, and a restart before it works repeats lines',
        )
      }
      this.#hasFailed = true
    }
  }

  async #keep(): Promise<void> {
    try {
      while (!this.#isKept) {
        await this.#writePosition()
        await this.#removeBehind()
      }
    } finally {
      this.#keeping = undefined
    }
  }

  async #writePosition(): Promise<void> {
    const position = this.#wanted
    if (!position || position === this.#written) return
    await this.#file.write(position)
    this.#written = position
  }

  async #removeBehind(): Promise<void> {
    if (this.#behind.size === 0) return
    for (const path of this.#behind) {
      await rm(path, { force: true })
      this.#behind.delete(path)
    }
    await syncFolder(this.#folder)
  }
}
