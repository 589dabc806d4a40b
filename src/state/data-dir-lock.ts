import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf, LogCapturerError, messageOf } from '../lib/error.ts'

/** The folder for our state cannot be used. */
export class DataDirError extends LogCapturerError {
  readonly code = 'DATA_DIR'
}

/**
 * Keeps a second collector out of a data_dir: two would write the same files and cursors. The lock names the process and when it started, so
 * that one left behind by a crash is recognised even where its number is another process's by now.
 */
export class DataDirLock implements AsyncDisposable {
  readonly #path: string
  #isHeld = true

  private constructor(path: string) {
    this.#path = path
  }

  /** Makes the folder if need be. @throws DataDirError when it cannot be used, or is in use. */
  static async open(dataDir: string): Promise<DataDirLock> {
    const path = join(dataDir, 'lock')
    try {
      await makeFolder(dataDir)
      await take(path, dataDir)
    } catch (error) {
      if (error instanceof DataDirError) throw error
      throw new DataDirError(`cannot write to data_dir ${dataDir}: ${messageOf(error)}`, {
        cause: error,
        hint: 'choose a folder on a disk with room that this user may write to, or make this one writable',
      })
    }
    return new DataDirLock(path)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isHeld) return
    this.#isHeld = false
    await rm(this.#path, { force: true })
  }
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

async function take(path: string, dataDir: string): Promise<void> {
  const mine = `${process.pid} ${await startOf(process.pid)}`
  for (;;) {
    try {
      await writeFile(path, mine, { flag: 'wx', mode: 0o640 })
      return
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error
    }
    const holder = await readFile(path, 'utf8').catch(() => '')
    const [pid = '', start = ''] = holder.split(' ')
    if (/^\d+$/.test(pid) && start !== '' && (await startOf(Number(pid))) === start) {
      throw new DataDirError(`data_dir ${dataDir} is in use by process ${pid}`, {
        hint: 'stop that collector, or give this one a data_dir of its own',
      })
    }
    await rm(path, { force: true })
  }
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
