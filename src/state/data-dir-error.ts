import { LogCapturerError, messageOf } from '../lib/error.ts'

/** The folder for our state cannot be used. */
export class DataDirError extends LogCapturerError {
  readonly code = 'DATA_DIR'
}

/** Another process holds the lock. */
export class DataDirInUseError extends DataDirError {
  readonly processId: number

  constructor(folder: string, processId: number) {
    super(`data_dir ${folder} is in use by process ${processId}`, {
      hint: 'stop that collector, or give this one a data_dir of its own',
    })
    this.processId = processId
  }
}

/** What is said when the folder, or one in it, cannot be read or written. */
export function unusable(folder: string, cause: unknown): DataDirError {
  return new DataDirError(`cannot write to data_dir ${folder}: ${messageOf(cause)}`, {
    cause,
    hint: 'choose a folder on a disk with room that this user may write to, or make this one writable',
  })
}
