/** For tests: what becomes of lines. */
import type { z } from 'zod'
import type { Batch } from '../../batch/batch.ts'
import { lineFlags } from '../../batch/flags.ts'
import { rowsOf } from '../../batch/row.ts'
import { BatchMaker, type TestLine } from '../../batch/testing.ts'
import { EventJoining, type Told } from './joining.ts'
import { lineRuleOf } from './line-rule.ts'
import { options } from './schema.ts'

export type Written = z.input<typeof options>

export function joiningOf(written: Written, tell: (told: Told) => void = () => undefined): EventJoining {
  const parsed = options.parse(written)
  const { flush_after: flushMs, max_lines: maxLines, max_bytes: maxBytes } = parsed
  return new EventJoining({ id: 'whole', rule: lineRuleOf(parsed), flushMs, maxLines, maxBytes, tell })
}

/** The texts that go on, given the lines in one batch. */
export function eventsOf(lines: readonly TestLine[], written: Written): string[] {
  const joining = joiningOf(written)
  const made = [joining.join(new BatchMaker().batchOf(lines), 0), joining.flush(Number.POSITIVE_INFINITY)]
  return made.flatMap((batch) => (batch ? textsOf(batch) : []))
}

export function textsOf(batch: Batch): string[] {
  return rowsOf(batch).flatMap(({ flags, text }) => ((flags & lineFlags.dropped) === 0 ? [text] : []))
}
