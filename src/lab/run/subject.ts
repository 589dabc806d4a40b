import type { Tally } from '../delivery/tally.ts'
import type { Observer } from './observer.ts'

/** A program that is looked at in this run. */
export interface Subject {
  readonly role: 'under test' | 'reference'
  readonly observer: Observer
  /** Its lines, by their identity; undefined: where they arrive is not known. */
  readonly tally: Tally | undefined
}
