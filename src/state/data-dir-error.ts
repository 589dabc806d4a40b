import { LogCapturerError, messageOf } from '../lib/error.ts'

/** The folder for our state cannot be used. */
export class DataDirError extends LogCapturerError {
  readonly code = 'DATA_DIR'
}

/** What is said when the folder, or one in it, cannot be read or written. */
export function unusable(folder: string, cause: unknown): DataDirError {
  return new DataDirError(`cannot write to data_dir ${folder}: ${messageOf(cause)}`, {
    cause,
    hint: 'choose a folder on a disk with room that this user may write to, or make this one writable',
  })
}
