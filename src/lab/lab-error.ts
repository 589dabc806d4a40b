import { LogCapturerError } from '../lib/error.ts'

/** The lab cannot do what it was asked for; nothing was judged. */
export class LabError extends LogCapturerError {
  readonly code = 'SOAK_LAB'
}
