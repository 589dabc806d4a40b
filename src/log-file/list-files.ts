/**
 * The files that one container's log consists of: `X-json.log` or `container.log`, which is written to, and those that it was renamed to when it was full, `X-json.log.1`
 * being the youngest, or `X-json.log.1.gz` where Docker compresses them (Docker 20.10 and 28.5), as it does by default with the driver `local`.
 */
import { readdirSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { codeOf } from '../lib/error.ts'
import { LogFileError } from './log-file-error.ts'

/** Where an engine whose files are in `rootFolder` writes a container's log, if its driver is json-file. */
export function logFilePath(rootFolder: string, containerId: string): string {
  return join(rootFolder, 'containers', containerId, `${containerId}-json.log`)
}

/** The paths of the files that are there now, the oldest first. @throws LogFileError */
export function listFiles(path: string): string[] {
  const folder = dirname(path)
  const name = basename(path)
  const byAge = new Map<number, string>()
  for (const entry of namesIn(folder)) {
    if (!entry.startsWith(name)) continue
    const age = ageOf(entry.slice(name.length))
    // While a file is being compressed both are there, and the compressed one is not whole.
    if (age !== undefined && (!byAge.has(age) || !entry.endsWith('.gz'))) byAge.set(age, entry)
  }
  return [...byAge].sort(([a], [b]) => b - a).map(([, entry]) => join(folder, entry))
}

/** The inode of the file that has this name now; undefined when none has. @throws LogFileError */
export function inodeOf(path: string): number | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })?.ino
  } catch (error) {
    throw new LogFileError(path, error)
  }
}

/** 0 for the file that is written to, 1 for the one before, and so on; undefined: this is none of the log's files. */
function ageOf(suffix: string): number | undefined {
  if (suffix === '') return 0
  const match = /^\.(\d+)(?:\.gz)?$/.exec(suffix)
  return match ? Number(match[1]) : undefined
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return []
    throw new LogFileError(folder, error)
  }
}
