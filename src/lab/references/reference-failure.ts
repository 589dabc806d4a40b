import { LogCapturerError } from '../../lib/error.ts'

/** A reference collector cannot begin, or cannot go on. */
export class ReferenceFailure extends LogCapturerError {
  readonly code = 'LAB_REFERENCE'
}
