import { readFileSync, readdirSync, readlinkSync } from 'node:fs'
import { codeOf, messageOf } from '../../lib/error.ts'
import { ProcessError } from './process-error.ts'

/** A file of /proc/PID; undefined: the process, the thread or the descriptor has gone. @throws ProcessError */
export function readProcFile(pid: number, name: string): string | undefined {
  return unlessGone(pid, name, (path) => readFileSync(path, 'latin1'))
}

/** The names in a folder of /proc/PID; undefined: it has gone. @throws ProcessError */
export function listProcFolder(pid: number, name: string): readonly string[] | undefined {
  return unlessGone(pid, name, (path) => readdirSync(path))
}

/** Where a link of /proc/PID leads; undefined: it has gone. @throws ProcessError */
export function readProcLink(pid: number, name: string): string | undefined {
  return unlessGone(pid, name, (path) => readlinkSync(path))
}

function unlessGone<T>(pid: number, name: string, read: (path: string) => T): T | undefined {
  const path = `/proc/${pid}/${name}`
  try {
    return read(path)
  } catch (cause) {
    const code = codeOf(cause)
    // proc(5): no such path once it was reaped, ESRCH when it ends while the file is read.
    if (code === 'ENOENT' || code === 'ESRCH') return undefined
    // What belongs to a process that ends belongs to root, once its memory is gone.
    if (code === 'EACCES' && !hasMemory(pid)) return undefined
    throw new ProcessError(`cannot look at process ${pid}: ${messageOf(cause)}`, {
      cause,
      hint: 'run the lab as the same user as the process, or as root',
    })
  }
}

function hasMemory(pid: number): boolean {
  return fieldOf(readProcFile(pid, 'status') ?? '', 'VmRSS') !== undefined
}

/** The number behind `name:` in a file of such lines (status, smaps_rollup); undefined: there is no such line. */
export function fieldOf(text: string, name: string): number | undefined {
  const match = new RegExp(`^${name}:\\s*(\\d+)`, 'm').exec(text)
  return match ? Number(match[1]) : undefined
}
