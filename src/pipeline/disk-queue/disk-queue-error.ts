import { LogCapturerError, messageOf } from '../../lib/error.ts'

/** The queue of a sink cannot be kept on disk. */
export class DiskQueueError extends LogCapturerError {
  readonly code = 'DISK_QUEUE'

  constructor(doing: string, cause: unknown) {
    super(`${doing}: ${messageOf(cause)}`, { cause })
  }
}
