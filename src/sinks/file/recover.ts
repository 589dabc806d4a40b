import { open, stat, truncate } from 'node:fs/promises'
import type { Progress } from '../../batch/origin.ts'
import type { Log } from '../../telemetry/log.ts'
import { all } from './file-error.ts'
import { maxTakenFiles } from './open-files.ts'

/** Bytes that are about to be written to a file. */
export interface Intent {
  readonly path: string
  readonly inode: number
  readonly offset: number
  readonly length: number
}

/** What the journal says of one writing: it counts as a whole or not at all. */
export interface Unit {
  readonly at: number
  readonly progress: Progress[]
  readonly files: Intent[]
  /** `begun`: the journal does not say all that was to be written; `written`: it does; `confirmed`: the disk has it. */
  state: 'begun' | 'written' | 'confirmed'
}

/**
 * The units up to the first whose bytes are not all in their files. Files are cut back to where that one began, and those of the units before are
 * made to last: their positions are believed from now on.
 */
export async function keepWhole(units: readonly Unit[], log: Log): Promise<readonly Unit[]> {
  const broken = await firstBroken(units)
  const kept = units.slice(0, broken)
  const rest = units.slice(broken)
  if (rest.length > 0) {
    const files = await cutBack(rest)
    log.warn(
      { batches: rest.length, files },
      'the last write was cut by a crash: its files are cut back to whole batches, the lines come again',
    )
  }
  const unproven = kept.filter(({ state }) => state !== 'confirmed')
  const paths = [...new Set(unproven.flatMap(({ files }) => files.map(({ path }) => path)))]
  for (let i = 0; i < paths.length; i += maxTakenFiles) await all(paths.slice(i, i + maxTakenFiles).map(syncFile))
  return kept
}

async function firstBroken(units: readonly Unit[]): Promise<number> {
  for (const [i, { state, files }] of units.entries()) {
    if (state === 'confirmed') continue
    if (state === 'begun' || !(await all(files.map(isThere))).every(Boolean)) return i
  }
  return units.length
}

/** A file that is gone, or another one by now, was moved by somebody after the bytes were in it. */
async function isThere({ path, inode, offset, length }: Intent): Promise<boolean> {
  const found = await stat(path).catch(() => undefined)
  return found?.ino !== inode || found.size >= offset + length
}

/** @returns how many files were cut. */
async function cutBack(units: readonly Unit[]): Promise<number> {
  const ends = new Map<string, Intent>()
  for (const { files } of units) {
    for (const intent of files) if (ends.get(intent.path)?.inode !== intent.inode) ends.set(intent.path, intent)
  }
  let cut = 0
  for (const { path, inode, offset } of ends.values()) {
    const found = await stat(path).catch(() => undefined)
    if (found?.ino !== inode || found.size <= offset) continue
    await truncate(path, offset)
    cut += 1
  }
  return cut
}

async function syncFile(path: string): Promise<void> {
  const handle = await open(path, 'r').catch(() => undefined)
  try {
    await handle?.datasync()
  } finally {
    await handle?.close()
  }
}
