import { createReadStream, createWriteStream } from 'node:fs'
import { readFile, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { z } from 'zod'
import { replaceFile, syncFolder } from '../../lib/atomic-file.ts'
import { codeOf, messageOf } from '../../lib/error.ts'
import { hasAborted } from '../../lib/wait.ts'
import type { Log } from '../../telemetry/log.ts'
import { type Compression, compressedSuffixes } from './compression.ts'

/** How often files are looked at for their age. */
const tidyEveryMs = 3_600_000

export interface Retention {
  readonly files: number | undefined
  readonly ageMs: number | undefined
  readonly totalBytes: number | undefined
}

const list = z.array(
  z.object({
    /** The path that was written to. */
    base: z.string(),
    /** Where it is now. */
    path: z.string(),
    bytes: z.number(),
    /** Milliseconds since 1970 at which it was put aside. */
    at: z.number(),
    isCompressed: z.boolean(),
  }),
)
type Rotated = z.output<typeof list>[number]

/** The files that were put aside: named, compressed one after the other in the background, deleted when they are too many or too old. */
export class RotatedFiles implements AsyncDisposable {
  readonly #listPath: string
  readonly #compression: Compression | undefined
  readonly #retention: Retention
  readonly #log: Log
  readonly #closing = new AbortController()
  #files: Rotated[]
  /** Listed, but not yet where the list says: nothing is done with them. */
  readonly #renaming = new Set<Rotated>()
  #work: Promise<void> = Promise.resolve()
  #tidiedAtMs = 0
  #saving: Promise<void> = Promise.resolve()

  private constructor(parts: {
    listPath: string
    compression: Compression | undefined
    retention: Retention
    log: Log
    files: Rotated[]
  }) {
    this.#listPath = parts.listPath
    this.#compression = parts.compression
    this.#retention = parts.retention
    this.#log = parts.log
    this.#files = parts.files
  }

  /** Goes on with what an earlier run left to do. */
  static async open(
    folder: string,
    options: { compression: Compression | undefined; retention: Retention; log: Log },
  ): Promise<RotatedFiles> {
    const listPath = join(folder, 'rotated.json')
    const rotated = new RotatedFiles({ ...options, listPath, files: await readList(listPath, options.log) })
    rotated.#startWork()
    return rotated
  }

  /** Puts a file aside that is closed. */
  async putAside(base: string): Promise<void> {
    const found = await stat(base).catch(noFile)
    if (!found) return // Somebody was faster.
    const at = Date.now()
    const path = await this.#freeName(`${base}.${new Date(at).toISOString().replaceAll(/[-:]|\.\d+/g, '')}`)
    // Listed before it is renamed: a crash in between leaves an entry too many, never a file that nobody deletes.
    const file: Rotated = { base, path, bytes: found.size, at, isCompressed: false }
    this.#renaming.add(file)
    try {
      await this.#saveList()
      await rename(base, path)
      this.#files.push(file)
    } finally {
      this.#renaming.delete(file)
    }
    await syncFolder(dirname(base))
    this.#startWork()
  }

  /** `STEM.NUMBER`, after all of this sink's of the same second, and never over a file that is there, compressed or not. */
  async #freeName(stem: string): Promise<string> {
    let number = 0
    for (const { path } of this.#files)
      if (path.startsWith(`${stem}.`)) number = Math.max(number, Number.parseInt(path.slice(stem.length + 1), 10))
    while (true) {
      const path = `${stem}.${++number}`
      const names = ['', ...compressedSuffixes].map((suffix) => exists(`${path}${suffix}`))
      if (!(await Promise.all(names)).includes(true)) return path
    }
  }

  /** One after the other: two at once would take each other's temporary file away. */
  async #saveList(): Promise<void> {
    const save = () => replaceFile(this.#listPath, JSON.stringify([...this.#files, ...this.#renaming]))
    const saved = this.#saving.then(save, save)
    this.#saving = saved
    await saved
  }

  /** Files grow too old without any rotation. */
  tidyIfDue(): void {
    if (this.#retention.ageMs !== undefined && Date.now() - this.#tidiedAtMs > tidyEveryMs) this.#startWork()
  }

  #startWork(): void {
    this.#tidiedAtMs = Date.now()
    this.#work = this.#work.then(() => this.#tidy())
  }

  async #tidy(): Promise<void> {
    if (this.#closing.signal.aborted) return
    try {
      await this.#deleteSurplus()
      for (const file of this.#files) if (!file.isCompressed) await this.#compress(file)
      await this.#deleteSurplus()
      await this.#saveList()
    } catch (error) {
      if (hasAborted(this.#closing.signal)) return
      this.#log.error(
        { error: messageOf(error) },
        'files put aside could not be compressed or deleted; it is tried again at the next rotation',
      )
    }
  }

  async #compress(file: Rotated): Promise<void> {
    const compression = this.#compression
    if (!compression || this.#closing.signal.aborted) return
    const path = `${file.path}${compression.suffix}`
    const part = `${path}.part`
    try {
      await pipeline(createReadStream(file.path), compression.create(), createWriteStream(part, { flush: true }), {
        signal: this.#closing.signal,
      })
    } catch (error) {
      await rm(part, { force: true })
      // Somebody has deleted it: then there is nothing left to do for it.
      if (codeOf(error) !== 'ENOENT') throw error
      this.#files = this.#files.filter((other) => other !== file)
      return
    }
    const { size } = await stat(part)
    await rename(part, path)
    await syncFolder(dirname(path))
    await rm(file.path, { force: true })
    file.path = path
    file.bytes = size
    file.isCompressed = true
  }

  async #deleteSurplus(): Promise<void> {
    for (const file of surplusOf(this.#files, this.#retention, Date.now())) {
      await rm(file.path, { force: true })
      this.#files = this.#files.filter((other) => other !== file)
      this.#log.debug({ file: basename(file.path) }, 'a file put aside was deleted, as keep says')
    }
  }

  /** Ends the work in progress; what is left is done at the next start. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(new Error('the sink is closing'))
    await this.#work
  }
}

/** Which files have to go, oldest first. */
export function surplusOf(
  files: readonly Rotated[],
  { files: maxFiles, ageMs, totalBytes }: Retention,
  nowMs: number,
): Rotated[] {
  const newestFirst = [...files].sort((a, b) => b.at - a.at || files.indexOf(b) - files.indexOf(a))
  const kept = new Map<string, number>()
  const surplus: Rotated[] = []
  let bytes = 0
  for (const file of newestFirst) {
    const number = (kept.get(file.base) ?? 0) + 1
    kept.set(file.base, number)
    bytes += file.bytes
    const isOver =
      (maxFiles !== undefined && number > maxFiles) ||
      (ageMs !== undefined && nowMs - file.at > ageMs) ||
      (totalBytes !== undefined && bytes > totalBytes)
    if (isOver) surplus.unshift(file)
  }
  return surplus
}

async function readList(path: string, log: Log): Promise<Rotated[]> {
  let files: Rotated[]
  try {
    files = list.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch (error) {
    if (codeOf(error) !== 'ENOENT')
      log.error(
        { path, error: messageOf(error) },
        'the list of files put aside is damaged: those of earlier runs are left as they are',
      )
    return []
  }
  const found = await Promise.all(files.map(findFile))
  return found.filter((file) => file !== undefined)
}

/** Where a listed file is now: a crash may have come before it was renamed, or just after it was compressed. */
async function findFile(file: Rotated): Promise<Rotated | undefined> {
  if (await exists(file.path)) return file
  for (const suffix of compressedSuffixes) {
    const path = `${file.path}${suffix}`
    if (await exists(path)) return { ...file, path, bytes: (await stat(path)).size, isCompressed: true }
  }
  return undefined
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(noFile)) !== undefined
}

function noFile(error: unknown): undefined {
  if (codeOf(error) !== 'ENOENT') throw error
}
