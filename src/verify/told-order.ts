import { compareTimes } from '../lib/timestamp.ts'
import type { Comparison, Pair } from './compare.ts'
import type { DeliveredStream } from './delivered.ts'
import type { LineColumns } from './line-columns.ts'
import { viewTime } from './time-view.ts'

/**
 * Of the lines that are out of order those of which the destination can tell it, and the number of the others: lines of one time whose order it does
 * not keep; and, where it sorts by time, lines at their own time: then the engine's times go back, as its clock did.
 */
export function splitByToldOrder(
  truth: LineColumns,
  { lines, hasUnknownOrder, isSortedByTime }: DeliveredStream,
  { view, outOfOrder }: Pick<Comparison, 'view' | 'outOfOrder'>,
): { readonly told: readonly Pair[]; readonly untold: number } {
  const time = { seconds: 0, nanos: 0 }
  const told = outOfOrder.filter((pair) => {
    if (isTied(lines, pair.delivered)) return !hasUnknownOrder
    if (!isSortedByTime || view === 'none') return true
    viewTime(truth, pair.truth, view, time)
    return compareTimes(lines.timeOf(pair.delivered), time) !== 0
  })
  return { told, untold: outOfOrder.length - told.length }
}

function isTied(lines: LineColumns, index: number): boolean {
  const isAlike = (other: number) =>
    other >= 0 && other < lines.count && compareTimes(lines.timeOf(index), lines.timeOf(other)) === 0
  return isAlike(index - 1) || isAlike(index + 1)
}
