import { readFileSync } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { descriptorLimitIn } from '../../lib/descriptor-limit.ts'

/** Open descriptors of this process; NaN where there is no /proc. Measured with 1,000: 0.02 ms; before Linux 6.2, which counts them in the folder's size, 1 ms. */
export async function openDescriptors(folder = '/proc/self/fd'): Promise<number> {
  try {
    const { size } = await stat(folder)
    // Listing takes one itself.
    return size > 0 ? size : (await readdir(folder)).length - 1
  } catch {
    return NaN
  }
}

/** Threads of this process; NaN where there is no /proc. */
export async function threads(): Promise<number> {
  try {
    // A folder has a link for each folder in it, and two more.
    return (await stat('/proc/self/task')).nlink - 2
  } catch {
    return NaN
  }
}

/** The soft limit of open descriptors; undefined: there is none, or none that can be read. */
export function descriptorLimit(path = '/proc/self/limits'): number | undefined {
  try {
    return descriptorLimitIn(readFileSync(path, 'utf8'))
  } catch {
    return undefined
  }
}

/** What keeps the event loop alive. */
export function activeHandles(): { readonly sockets: number; readonly timers: number } {
  let [sockets, timers] = [0, 0]
  for (const type of process.getActiveResourcesInfo()) {
    if (type === 'TCPSocketWrap' || type === 'PipeWrap') sockets += 1
    else if (type === 'Timeout') timers += 1
  }
  return { sockets, timers }
}

/**
 * The heap as full collections leave it. None is forced: an object that nobody holds tells of each, because minor ones do not clear
 * weak references.
 */
export class HeapFloor implements Disposable {
  /** Bytes after the last collection; NaN before the first. */
  bytes = NaN
  #isNew = false
  #isOpen = true
  readonly #registry = new FinalizationRegistry<undefined>(() => {
    if (!this.#isOpen) return
    this.bytes = process.memoryUsage().heapUsed
    this.#isNew = true
    this.#wait()
  })

  constructor() {
    this.#wait()
  }

  /** Each collection once; NaN: there was none since. */
  take(): number {
    const { bytes } = this
    const isNew = this.#isNew
    this.#isNew = false
    return isNew ? bytes : NaN
  }

  #wait(): void {
    this.#registry.register({}, undefined)
  }

  [Symbol.dispose](): void {
    this.#isOpen = false
  }
}
