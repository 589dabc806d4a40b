import { constants } from 'node:fs'
import { access, realpath, stat, statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { codeOf, messageOf } from './error.ts'

export interface FolderFacts {
  /** The folder itself, or, where it is not there yet, the nearest one above it in which it would be made. */
  readonly nearest: string
  /** Why nothing can be written there; undefined: something can. */
  readonly obstacle: string | undefined
  /** Of the disk that it is on, for this user. */
  readonly freeBytes: number
}

/** Whether files can be made in a folder, or the folder itself if it is not there, without making any. */
export async function lookAtFolder(path: string): Promise<FolderFacts> {
  let nearest = path
  for (;;) {
    try {
      const facts = await stat(nearest)
      if (!facts.isDirectory()) return { nearest, obstacle: `${nearest} is no folder`, freeBytes: 0 }
      break
    } catch (error) {
      const above = dirname(nearest)
      if (codeOf(error) !== 'ENOENT' || above === nearest) return { nearest, obstacle: messageOf(error), freeBytes: 0 }
      nearest = above
    }
  }
  const { bavail, bsize, files, ffree } = await statfs(nearest)
  const freeBytes = bavail * bsize
  try {
    await access(nearest, constants.W_OK | constants.X_OK)
  } catch (error) {
    return { nearest, obstacle: messageOf(error), freeBytes }
  }
  // File systems without a fixed number of inodes say 0 of 0.
  if (files > 0 && ffree === 0)
    return { nearest: await realpath(nearest), obstacle: 'its disk has no inode left', freeBytes }
  return { nearest, obstacle: undefined, freeBytes }
}
