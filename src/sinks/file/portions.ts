import type { Batch } from '../../batch/batch.ts'
import { lineFlags } from '../../batch/flags.ts'
import type { Records } from '../../batch/json/record-form.ts'
import type { Progress } from '../../batch/origin.ts'
import type { Output } from '../../lib/output.ts'
import type { PathTemplate } from './path-template.ts'

/** The lines of a batch that go to one file, in order, and their encoded bytes. */
export interface Portion {
  readonly path: string
  /** Indices into the batch. */
  readonly lines: readonly number[]
  /** Where each line's bytes end in the output; the first begins at `from`. */
  readonly ends: Uint32Array
  readonly from: number
}

export interface PortionOptions {
  readonly template: PathTemplate
  readonly records: Records
  readonly output: Output
  /** 1 for every line that an earlier try has left in its file; undefined: none has. */
  readonly written: Uint8Array | undefined
}

/** Sorts the lines of a batch by file and encodes them, file after file, into `output`. */
export function encodePortions(batch: Batch, { template, records, output, written }: PortionOptions): Portion[] {
  output.length = 0
  records.begin(batch)
  try {
    return linesByPath(batch, template, written).map(({ path, lines }) => {
      const from = output.length
      const ends = new Uint32Array(lines.length)
      records.write(lines, output, ends)
      return { path, lines, ends, from }
    })
  } finally {
    records.end()
  }
}

function linesByPath(
  batch: Batch,
  template: PathTemplate,
  written: Uint8Array | undefined,
): { path: string; lines: number[] }[] {
  const { columns, count, origins } = batch
  const byPath = new Map<string, number[]>()
  /** For each origin, the lines of the file that its last line went to, and for which period that holds. */
  const current = new Array<number[] | undefined>(origins.length)
  const periods = new Float64Array(origins.length)
  for (let i = 0; i < count; i++) {
    if ((columns.flags[i]! & lineFlags.dropped) !== 0) continue
    if (written?.[i] === 1) continue
    const origin = columns.origin[i]!
    const seconds = columns.seconds[i]!
    const period = template.periodOf(seconds)
    let lines = current[origin]
    if (lines === undefined || periods[origin] !== period) {
      const path = template.pathOf(origins[origin]!, seconds)
      lines = byPath.get(path)
      if (!lines) {
        lines = []
        byPath.set(path, lines)
      }
      current[origin] = lines
      periods[origin] = period
    }
    lines.push(i)
  }
  return [...byPath].map(([path, lines]) => ({ path, lines }))
}

/**
 * How far each stream that has progress in the batch has come when `lines` are written, given that lines are written in order: up to before the next that is to be written. Dropped lines behind
 * one that is written count, too: it may have been made of them.
 */
export function progressOf({ columns, count, origins, progress: has }: Batch, lines: readonly number[]): Progress[] {
  const isWritten = new Uint8Array(count)
  for (const line of lines) isWritten[line] = 1
  const keys = has.map(({ key }) => key)
  const streamOf = origins.map(({ key }) => keys.indexOf(key))
  /** For each stream the last row that it has come to. */
  const last = new Int32Array(keys.length).fill(-1)
  const isOver = new Uint8Array(keys.length)
  for (let i = 0; i < count; i++) {
    const stream = streamOf[columns.origin[i]!]!
    if (stream === -1 || isOver[stream] === 1) continue
    const isDropped = (columns.flags[i]! & lineFlags.dropped) !== 0
    if (isWritten[i] === 0 && !isDropped) isOver[stream] = 1
    else if (!isDropped || last[stream] !== -1) last[stream] = i
  }
  return keys.flatMap((key, stream) => {
    const row = last[stream]!
    if (row === -1) return []
    return [
      { key, cursor: { seconds: columns.seconds[row]!, nanos: columns.nanos[row]!, count: columns.ordinal[row]! + 1 } },
    ]
  })
}
