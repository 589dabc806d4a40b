import type { Output } from '../../lib/output.ts'
import type { Batch } from '../batch.ts'
import type { Origin } from '../origin.ts'
import type { FieldForm } from './write-fields.ts'

/**
 * What a record is made of: `before time between text tail`, where `text` is the line between the quotes of a JSON string (RFC 8259). Bytes that are no UTF-8 become
 * U+FFFD.
 */
export interface RecordForm {
  /** ASCII, 64 bytes at the most, as `between`. */
  readonly before: string
  /** RFC 3339 with nine digits of the second, in UTC; or nanoseconds since 1970. */
  readonly time: 'rfc3339' | 'nanoseconds'
  readonly between: string
  readonly secondsOf: (batch: Batch, i: number) => number
  readonly nanosOf: (batch: Batch, i: number) => number
  /** What ends the records of a stream's lines with these flags: the same buffer each time. */
  readonly tailOf: (origin: Origin, flags: number) => Buffer
  /** How fields stand between a line's text and its tail; undefined: they are left out. */
  readonly fields?: FieldForm | undefined
}

/** Writes lines of batches as JSON records. */
export interface Records {
  /** Lines of this batch follow, until `end`. */
  begin(batch: Batch): void
  /** Appends these lines of the batch, and says in `ends` where in the output the record of each ends. */
  write(lines: ArrayLike<number>, output: Output, ends?: Uint32Array): void
  end(): void
}
