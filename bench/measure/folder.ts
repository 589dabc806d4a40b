import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { codeOf } from '../../src/lib/error.ts'
import { type Arrived, Ids } from '../receiver/ids.ts'

export interface FolderState {
  readonly bytes: number
  /** When the youngest of its files was written to last, in milliseconds since 1970. */
  readonly changedAtMs: number
}

/** The files below a folder, however deep. */
export function folderState(folder: string): FolderState {
  let [bytes, changedAtMs] = [0, 0]
  for (const path of filesIn(folder)) {
    const stats = statSync(path, { throwIfNoEntry: false })
    bytes += stats?.size ?? 0
    changedAtMs = Math.max(changedAtMs, stats?.mtimeMs ?? 0)
  }
  return { bytes, changedAtMs }
}

/** Which lines are in the files of a folder. */
export function idsInFolder(folder: string, lines: number): Arrived {
  return idsIn(filesIn(folder), lines)
}

/** Which lines are in these files. */
export function idsIn(paths: readonly string[], lines: number): Arrived {
  const ids = new Ids(lines)
  for (const path of paths) ids.take(readFileSync(path), 0)
  return ids.count()
}

function filesIn(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
    return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [] // Not made yet, or a folder in it was just removed.
    throw error
  }
}
