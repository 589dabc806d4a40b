import { codeOf, LogCapturerError, messageOf } from '../../lib/error.ts'

/** A file cannot be written, for now: the lines are kept and tried again. */
export class FileError extends LogCapturerError {
  readonly code = 'FILE_WRITE'
}

const explanations: Readonly<Record<string, readonly [trouble: string, detail: string, hint: string]>> = {
  ENOSPC: ['disk full', 'no space left on device', 'make room on the disk, or keep fewer files'],
  EDQUOT: ['quota used up', 'disk quota exceeded', 'raise the quota, or keep fewer files'],
  EROFS: ['read-only disk', 'read-only file system', 'mount it for writing'],
  EACCES: ['not allowed', 'permission denied', 'let the collector write to the folder'],
  EPERM: ['not allowed', 'operation not permitted', 'let the collector write to the file'],
  EISDIR: ['not a file', 'a folder stands where the file should be', 'move the folder, or change the path'],
  ENOTDIR: ['not a folder', 'a file stands where a folder should be', 'move the file, or change the path'],
  EEXIST: ['not a folder', 'a file stands where a folder should be', 'move the file, or change the path'],
  ENAMETOOLONG: ['name too long', 'the file system takes no name of this length', 'shorten the path'],
  EMFILE: ['too many open files', 'the process has reached its limit', 'raise the limit on open files'],
  ENFILE: ['too many open files', 'the machine has reached its limit', 'raise the limit on open files'],
  EIO: ['disk error', 'the disk could not read or write', 'look at the kernel log'],
}

/** `disk full: /logs/web.log: no space left on device (ENOSPC)` */
export function fileError(path: string, cause: unknown): FileError {
  if (cause instanceof FileError) return cause
  const code = codeOf(cause) ?? ''
  const known = explanations[code]
  if (known === undefined) return new FileError(`cannot write: ${path}: ${messageOf(cause)}`, { cause })
  const [trouble, detail, hint] = known
  return new FileError(`${trouble}: ${path}: ${detail} (${code})`, { cause, hint })
}

/** Waits for all of them, then throws the first failure: nothing goes on behind the back of whoever cleans up after it. */
export async function all<T>(promises: readonly Promise<T>[]): Promise<T[]> {
  const settled = await Promise.allSettled(promises)
  return settled.map((one) => {
    if (one.status === 'rejected') throw one.reason
    return one.value
  })
}
