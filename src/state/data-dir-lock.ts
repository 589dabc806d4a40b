import { type FileHandle, mkdir, open, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf } from '../lib/error.ts'
import { sleep } from '../lib/wait.ts'
import { DataDirError, DataDirInUseError, unusable } from './data-dir-error.ts'
import { isAnswered, LockSocket, removeUnanswered } from './lock-socket.ts'

/**
 * Keeps a second collector out of a data_dir: two would write the same files and cursors. The lock names the process and when it started, so
 * that one left behind by a crash is recognised even where its number is another process's by now, and a socket that answers as long as the process lives: of a
 * collector in another container the number says nothing.
 */
export class DataDirLock implements AsyncDisposable {
  readonly #path: string
  readonly #mine: string
  readonly #socket: LockSocket | undefined
  #isHeld = true

  private constructor(path: string, mine: string, socket: LockSocket | undefined) {
    this.#path = path
    this.#mine = mine
    this.#socket = socket
  }

  /** Makes the folder if need be. @throws DataDirError when it cannot be used, or is in use. */
  static async open(dataDir: string): Promise<DataDirLock> {
    const path = join(dataDir, 'lock')
    let socket: LockSocket | undefined
    try {
      await makeFolder(dataDir)
      socket = await LockSocket.open(dataDir)
      const mine = `${process.pid} ${await startOf(process.pid)}${socket ? ` ${socket.name}` : ''}`
      await take(path, mine, dataDir)
      await removeUnanswered(dataDir)
      return new DataDirLock(path, mine, socket)
    } catch (error) {
      await socket?.[Symbol.asyncDispose]()
      throw error instanceof DataDirError ? error : unusable(dataDir, error)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isHeld) return
    this.#isHeld = false
    await removeIf(this.#path, this.#mine)
    await this.#socket?.[Symbol.asyncDispose]()
  }
}

/** The process that has the data_dir, without a claim to it; undefined: none, or it is not to be known. In another container its number means nothing here. */
export async function holderOf(dataDir: string): Promise<number | undefined> {
  const holder = await readHolder(join(dataDir, 'lock')).catch(() => undefined)
  const [pid = '', start] = holder?.split(' ') ?? []
  if (!/^\d+$/.test(pid) || start === undefined) return undefined
  return (await startOf(Number(pid))) === start ? Number(pid) : undefined
}

async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true })
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error
    // With `recursive`, Node calls a read-only disk ENOENT; the plain call says what it is.
    await mkdir(path)
  }
}

/** How long a lock without a readable holder may be one that is being written. */
const writingMs = 1_000
/** Removing a stale lock takes milliseconds; a guard that is older was left by a crash. */
const guardMs = 10_000
const pauseMs = 20

async function take(path: string, mine: string, dataDir: string): Promise<void> {
  let unreadableSinceMs: number | undefined
  while (!(await create(path, mine))) {
    const holder = await readHolder(path)
    if (holder === undefined) continue
    const [pid = '', start, socket = ''] = holder.split(' ')
    if (/^\d+$/.test(pid) && start !== undefined) {
      if ((await startOf(Number(pid))) === start || (await isAnswered(dataDir, socket)))
        throw new DataDirInUseError(dataDir, Number(pid))
    } else {
      unreadableSinceMs ??= performance.now()
      if (performance.now() - unreadableSinceMs < writingMs) {
        await sleep(pauseMs, AbortSignal.timeout(writingMs))
        continue
      }
    }
    await removeStale(path, holder)
  }
}

/** Whether the file was made; false: there is one. */
async function create(path: string, contents: string): Promise<boolean> {
  let file: FileHandle
  try {
    file = await open(path, 'wx', 0o640)
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw error
  }
  try {
    await file.writeFile(contents)
  } catch (error) {
    await rm(path, { force: true })
    throw error
  } finally {
    await file.close()
  }
  return true
}

async function readHolder(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

/**
 * Removes the lock if it still is the one that was found stale. One process at a time: between reading and removing, another that found the
 * same might have removed it already and taken a lock of its own.
 */
async function removeStale(path: string, stale: string): Promise<void> {
  const guard = `${path}.takeover`
  if (await create(guard, '')) {
    try {
      await removeIf(path, stale)
    } finally {
      await rm(guard, { force: true })
    }
    return
  }
  const age = await stat(guard).then(
    ({ mtimeMs }) => Date.now() - mtimeMs,
    () => 0,
  )
  if (age > guardMs) await rm(guard, { force: true })
  else await sleep(pauseMs, AbortSignal.timeout(guardMs))
}

async function removeIf(path: string, contents: string): Promise<void> {
  if ((await readHolder(path)) === contents) await rm(path, { force: true })
}

/** When a process started, in clock ticks since boot (field 22 of /proc/PID/stat), with the boot's id; 'gone' where there is no such process. */
async function startOf(pid: number): Promise<string> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8')
    return `${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''}@${boot.trim()}`
  } catch {
    return isAlive(pid) ? 'unknown' : 'gone'
  }
}

/** Where there is no /proc. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
