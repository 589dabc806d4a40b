import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Replaces a file as a whole: whoever opens it, after a crash too, sees the old contents or the new ones, never a part. */
export async function replaceFile(path: string, contents: string | Buffer): Promise<void> {
  const temporary = `${path}.new`
  try {
    const file = await open(temporary, 'w', 0o640)
    try {
      await file.writeFile(contents)
      await file.datasync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined)
    throw error
  }
  await syncFolder(dirname(path))
}

/** Makes what was created, renamed or deleted in a folder last through a power failure. */
export async function syncFolder(path: string): Promise<void> {
  let folder: FileHandle
  try {
    folder = await open(path, 'r')
  } catch {
    return // Some file systems do not open folders; they have nothing to sync then.
  }
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
