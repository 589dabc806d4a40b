import { KeyTable } from './key-table.ts'
import { type LineColumns, noTime } from './line-columns.ts'

/**
 * How the times of a destination relate to those of the engine: the same; the line's ordinal added in nanoseconds, as destinations need that
 * tell entries apart by time; cut to a coarser unit; or not at all (a collector's own clock, or none), where only texts and their order tell.
 */
export const timeViews = ['exact', 'with_ordinal', 'microseconds', 'milliseconds', 'seconds', 'none'] as const
export type TimeView = (typeof timeViews)[number]

/** Lines that are looked at to find out. */
const sampleLines = 2_000

/** The engine's time of a line as the destination would show it, into `time`. */
export function viewTime(lines: LineColumns, index: number, view: TimeView, time: ViewedTime): void {
  time.seconds = lines.seconds[index]!
  time.nanos = lines.nanos[index]!
  switch (view) {
    case 'exact':
      return
    case 'with_ordinal':
      time.nanos += lines.ordinal[index]!
      if (time.nanos < 1e9) return
      time.seconds += Math.floor(time.nanos / 1e9)
      time.nanos %= 1e9
      return
    case 'microseconds':
      time.nanos -= time.nanos % 1_000
      return
    case 'milliseconds':
      time.nanos -= time.nanos % 1_000_000
      return
    case 'seconds':
      time.nanos = 0
      return
    case 'none':
      time.seconds = 0
      time.nanos = 0
  }
}

export interface ViewedTime {
  seconds: number
  nanos: number
}

/** The view in which most of a sample of the delivered lines are found in the truth; `none` where most of them are in no view. */
export function findTimeView(truth: LineColumns, delivered: LineColumns): TimeView {
  const texts = new KeyTable()
  for (let i = 0; i < truth.count; i++) texts.add(truth.high[i]!, truth.low[i]!, 0, 0)
  const step = Math.max(1, Math.floor(delivered.count / sampleLines))
  const sample: number[] = []
  for (let j = 0; j < delivered.count; j += step)
    if (texts.find(delivered.high[j]!, delivered.low[j]!, 0, 0) >= 0) sample.push(j)
  let best: { view: TimeView; found: number } = { view: 'none', found: Math.floor(sample.length / 2) }
  for (const view of timeViews) {
    if (view === 'none') continue
    const found = countFound(truth, delivered, { sample, view })
    if (found > best.found) best = { view, found }
  }
  return best.view
}

function countFound(
  truth: LineColumns,
  delivered: LineColumns,
  { sample, view }: { sample: readonly number[]; view: TimeView },
): number {
  const keys = new KeyTable()
  const time = { seconds: 0, nanos: 0 }
  for (let i = 0; i < truth.count; i++) {
    viewTime(truth, i, view, time)
    keys.add(truth.high[i]!, truth.low[i]!, time.seconds, time.nanos)
  }
  let found = 0
  for (const j of sample) {
    const seconds = delivered.seconds[j]!
    if (seconds === noTime) continue
    if (keys.find(delivered.high[j]!, delivered.low[j]!, seconds, delivered.nanos[j]!) >= 0) found += 1
  }
  return found
}
