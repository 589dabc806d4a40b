import { LogCapturerError, messageOf } from '../../lib/error.ts'

/** The queue of a sink cannot be kept on disk. */
export class DiskQueueError extends LogCapturerError {
  readonly code = 'DISK_QUEUE'

  constructor(doing: string, cause: unknown) {
    super(`${doing}: ${messageOf(cause)}`, {
      cause,
      hint: 'data_dir must be on a disk that works and that this user may write to; queue.disk: 0 keeps the lines of a sink in memory only',
    })
  }
}
