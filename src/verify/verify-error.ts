import { LogCapturerError } from '../lib/error.ts'

/** Nothing could be compared: what was asked for is not there, or cannot be read. */
export class VerifyError extends LogCapturerError {
  readonly code = 'VERIFY'
}
