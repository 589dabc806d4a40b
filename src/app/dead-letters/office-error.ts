import { LogCapturerError } from '../../lib/error.ts'

/** The dead letters of a configuration cannot be got at. */
export class OfficeError extends LogCapturerError {
  readonly code = 'DEAD_LETTER_OFFICE'
}
