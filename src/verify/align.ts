/**
 * Aligns two sequences of numbers: which item of `delivered` is which of `truth`, in order on both sides. Time and memory are linear in the
 * lengths, but for the sorting in the search for anchors.
 *
 * Equal beginnings and ends are taken as they are. In what is left, numbers that each side has once are anchors, as many as can be in order
 * at the same time; between anchors it begins anew. Where there is none, a small block is solved exactly and a large one greedily: it may
 * then leave more unaligned than it must, which the comparison calls out of order, never missing.
 */
import { longestIncreasing } from './increasing.ts'

/** Cells of the table that a block without anchors may take. */
const maxCells = 1 << 20
/** How far a large block without anchors looks ahead for the next equal number. */
const lookAhead = 256

/** @returns for each of `delivered` its index in `truth`, -1 where it has none. */
export function align(truth: Int32Array, delivered: Int32Array): Int32Array {
  const matches = new Int32Array(delivered.length).fill(-1)
  const blocks: Block[] = [{ from: 0, to: truth.length, start: 0, end: delivered.length }]
  for (let block = blocks.pop(); block !== undefined; block = blocks.pop()) {
    const rest = trim({ truth, delivered, matches }, block)
    if (rest.from === rest.to || rest.start === rest.end) continue
    const anchors = anchorsOf(truth, delivered, rest)
    if (anchors.length > 0) blocks.push(...between(rest, anchors, matches))
    else if ((rest.to - rest.from + 1) * (rest.end - rest.start + 1) <= maxCells)
      solve({ truth, delivered, matches }, rest)
    else scan({ truth, delivered, matches }, rest)
  }
  return matches
}

/** A part of the truth, and the part of the delivered that it is compared with. */
interface Block {
  readonly from: number
  readonly to: number
  readonly start: number
  readonly end: number
}

interface Sides {
  readonly truth: Int32Array
  readonly delivered: Int32Array
  readonly matches: Int32Array
}

function trim({ truth, delivered, matches }: Sides, block: Block): Block {
  let { from, to, start, end } = block
  while (from < to && start < end && truth[from] === delivered[start]) matches[start++] = from++
  while (from < to && start < end && truth[to - 1] === delivered[end - 1]) matches[--end] = --to
  return { from, to, start, end }
}

interface Anchor {
  readonly truth: number
  readonly delivered: number
}

/** Numbers that both sides have exactly once in the block, as many as are in order on both. */
function anchorsOf(truth: Int32Array, delivered: Int32Array, { from, to, start, end }: Block): Anchor[] {
  const places = new Map<number, number>()
  const twice = -1
  for (let i = from; i < to; i++) places.set(truth[i]!, places.has(truth[i]!) ? twice : i)
  const seen = new Map<number, number>()
  for (let j = start; j < end; j++) {
    const number = delivered[j]!
    if (places.has(number)) seen.set(number, (seen.get(number) ?? 0) + 1)
  }
  const candidates = new Int32Array(end - start).fill(-1)
  for (let j = start; j < end; j++) {
    const place = places.get(delivered[j]!)
    if (place !== undefined && place !== twice && seen.get(delivered[j]!) === 1) candidates[j - start] = place
  }
  const isAnchor = longestIncreasing(candidates)
  const anchors: Anchor[] = []
  for (const [i, chosen] of isAnchor.entries())
    if (chosen === 1) anchors.push({ truth: candidates[i]!, delivered: start + i })
  return anchors
}

function between(block: Block, anchors: readonly Anchor[], matches: Int32Array): Block[] {
  const blocks: Block[] = []
  let { from, start } = block
  for (const anchor of anchors) {
    matches[anchor.delivered] = anchor.truth
    if (anchor.truth > from && anchor.delivered > start)
      blocks.push({ from, to: anchor.truth, start, end: anchor.delivered })
    from = anchor.truth + 1
    start = anchor.delivered + 1
  }
  if (from < block.to && start < block.end) blocks.push({ from, to: block.to, start, end: block.end })
  return blocks
}

/** The longest common subsequence, by the table of all pairs. */
function solve({ truth, delivered, matches }: Sides, { from, to, start, end }: Block): void {
  const [rows, columns] = [to - from, end - start]
  const width = columns + 1
  const lengths = new Uint32Array((rows + 1) * width)
  for (let i = rows - 1; i >= 0; i--) {
    for (let j = columns - 1; j >= 0; j--) {
      const at = i * width + j
      lengths[at] =
        truth[from + i] === delivered[start + j]
          ? lengths[at + width + 1]! + 1
          : Math.max(lengths[at + width]!, lengths[at + 1]!)
    }
  }
  for (let i = 0, j = 0; i < rows && j < columns; ) {
    const at = i * width + j
    if (truth[from + i] === delivered[start + j]) matches[start + j++] = from + i++
    else if (lengths[at + width]! >= lengths[at + 1]!) i += 1
    else j += 1
  }
}

/** Each in turn takes the next equal one, if that is not far. */
function scan({ truth, delivered, matches }: Sides, { from, to, start, end }: Block): void {
  let next = from
  for (let j = start; j < end && next < to; j++) {
    const limit = Math.min(to, next + lookAhead)
    for (let i = next; i < limit; i++) {
      if (truth[i] !== delivered[j]) continue
      matches[j] = i
      next = i + 1
      break
    }
  }
}
