import { LogCapturerError } from '../../lib/error.ts'
import type { LetterMeta } from './record.ts'

/** Lines that a destination refused at one time for one reason. */
export interface Letter extends Omit<LetterMeta, 'replaces'> {
  /** Where it is kept; never given to another. */
  readonly id: string
}

/** A letter cannot be read. */
export class DeadLetterError extends LogCapturerError {
  readonly code = 'DEAD_LETTER'
}

export interface LetterPlace {
  readonly segment: number
  readonly at: number
}

export function idOf({ segment, at }: LetterPlace): string {
  return `${segment.toString(36)}-${at.toString(36)}`
}

/** Where the letter of this id would be; undefined for what is no id. */
export function placeOf(id: string): LetterPlace | undefined {
  const match = /^([0-9a-z]{1,8})-([0-9a-z]{1,8})$/.exec(id)
  return match ? { segment: parseInt(match[1]!, 36), at: parseInt(match[2]!, 36) } : undefined
}
