import type { Portion } from './portions.ts'

/** Bytes of whole lines, in the output from `from` to `to`, for one file. */
export interface Chunk {
  readonly path: string
  readonly from: number
  readonly to: number
  /** The file that is there is put aside first. */
  readonly inNewFile: boolean
}

/** What is written between two rotations. */
export interface Segment {
  readonly chunks: readonly Chunk[]
  /** Lines of the batch that are written when this segment is, and those before. */
  readonly linesSoFar: readonly number[]
}

/**
 * Cuts portions where files have to be put aside because they would pass `maxBytes`. A line is never cut: one that is longer gets a file of its own.
 * Lines of one stream are written in order; where a stream may be in several portions (a path with a date in it), portions come one after the other.
 */
export function segmentsOf(
  portions: readonly Portion[],
  options: {
    readonly sizes: ReadonlyMap<string, number>
    readonly maxBytes: number | undefined
    readonly isByTime: boolean
  },
): Segment[] {
  const segments: { chunks: Chunk[]; lines: number[] }[] = []
  let first = 0
  for (const portion of portions) {
    let number = first
    for (const { chunk, lines } of chunksOf(portion, options.sizes.get(portion.path) ?? 0, options.maxBytes)) {
      segments[number] ??= { chunks: [], lines: [] }
      segments[number]!.chunks.push(chunk)
      segments[number]!.lines.push(...lines)
      number += 1
    }
    if (options.isByTime && options.maxBytes !== undefined) first = number
  }
  if (segments.length <= 1) return segments.map(({ chunks, lines }) => ({ chunks, linesSoFar: lines }))
  const linesSoFar: number[] = []
  return segments.map(({ chunks, lines }) => {
    linesSoFar.push(...lines)
    return { chunks, linesSoFar: linesSoFar.slice() }
  })
}

function chunksOf(
  { path, lines, ends, from }: Portion,
  size: number,
  maxBytes: number | undefined,
): { chunk: Chunk; lines: readonly number[] }[] {
  if (maxBytes === undefined) return [{ chunk: { path, from, to: ends.at(-1)!, inNewFile: false }, lines }]
  const chunks: { chunk: Chunk; lines: readonly number[] }[] = []
  let used = size
  let inNewFile = false
  let chunkFrom = from
  let firstLine = 0
  const close = (line: number) => {
    const to = line === 0 ? from : ends[line - 1]!
    if (to > chunkFrom)
      chunks.push({ chunk: { path, from: chunkFrom, to, inNewFile }, lines: lines.slice(firstLine, line) })
    chunkFrom = to
    firstLine = line
  }
  for (let line = 0; line < lines.length; line++) {
    const length = ends[line]! - (line === 0 ? from : ends[line - 1]!)
    if (used > 0 && used + length > maxBytes) {
      close(line)
      inNewFile = true
      used = 0
    }
    used += length
  }
  close(lines.length)
  return chunks
}
