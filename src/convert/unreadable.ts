import { LogCapturerError } from '../lib/error.ts'

/** The configuration of the other collector cannot be read at all. */
export class UnreadableInputError extends LogCapturerError {
  readonly code = 'CONVERT_INPUT'
}
