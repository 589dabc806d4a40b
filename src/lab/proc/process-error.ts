import { LogCapturerError } from '../../lib/error.ts'

/** A process is there and cannot be looked at. That it has ended is no error. */
export class ProcessError extends LogCapturerError {
  readonly code = 'LAB_PROCESS'
}
