import type { FileHandle } from 'node:fs/promises'

/** Fills `into` from `offset` of the file on; false: the file ends before. */
export async function readFully(file: FileHandle, into: Buffer, offset: number): Promise<boolean> {
  for (let done = 0; done < into.length; ) {
    const { bytesRead } = await file.read(into, done, into.length - done, offset + done)
    if (bytesRead === 0) return false
    done += bytesRead
  }
  return true
}
