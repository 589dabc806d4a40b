/**
 * Lines that a destination has with another time than the engine's, where the others have the engine's: found by their text, if that leaves no
 * doubt. A text that is there once on both sides is the same line wherever it stands; one that repeats only in the place where one is left over.
 */
import { longestIncreasing } from './increasing.ts'
import { KeyTable } from './key-table.ts'
import type { LineColumns } from './line-columns.ts'
import { type TimeView, viewTime } from './time-view.ts'

export interface OtherTimesOptions {
  readonly truth: LineColumns
  readonly delivered: LineColumns
  readonly view: TimeView
  /** For each delivered line its index in the truth, or -1. */
  readonly matches: Int32Array
  /** Truth lines that are found already; those that are found here are added. */
  readonly isMatched: Uint8Array
}

interface Pair {
  readonly truth: number
  readonly delivered: number
}

export interface OtherTimes {
  readonly moved: readonly Pair[]
  readonly doubled: readonly Pair[]
  /** In their place, but for their time. */
  readonly retimed: readonly Pair[]
  /** Of the unknown lines those that are none of these. */
  readonly rest: readonly number[]
}

/** Destinations that want a time of its own for each entry add less than this. */
const addedNanos = 1_000_000

/** `unknown`: indices of delivered lines that the truth does not have at their time. */
export function findOtherTimes(options: OtherTimesOptions, unknown: readonly number[]): OtherTimes {
  const { truth, delivered, isMatched } = options
  const texts = new KeyTable()
  for (const j of unknown) texts.add(delivered.high[j]!, delivered.low[j]!, 0, 0)
  const inTruth = placesOf(truth, texts)
  const inDelivered = placesOf(delivered, texts)
  const pairs: (Pair & { readonly isInPlace: boolean })[] = []
  const doubled: Pair[] = []
  const rest: number[] = []
  const gaps = gapsOf(options.matches, unknown)
  /** By key: which of its places come next. Lines and gaps are in order, so it never goes back. */
  const next = new Int32Array(texts.size)
  for (const [n, j] of unknown.entries()) {
    const key = texts.find(delivered.high[j]!, delivered.low[j]!, 0, 0)
    const places = inTruth[key]!
    const { after, before } = gaps[n]!
    while (next[key]! < places.length && (places[next[key]!]! <= after || isMatched[places[next[key]!]!] === 1))
      next[key]! += 1
    const inGap = places[next[key]!] ?? Infinity
    const isOne = places.length === 1
    if (inGap < before && after >= 0) pairs.push({ truth: inGap, delivered: j, isInPlace: true })
    else if (isOne && inDelivered[key]!.length === 1 && isMatched[places[0]!] === 0)
      pairs.push({ truth: places[0]!, delivered: j, isInPlace: places[0]! > after && places[0]! < before })
    else if (isOne && isMatched[places[0]!] === 1) doubled.push({ truth: places[0]!, delivered: j })
    else rest.push(j)
    if (pairs.at(-1)?.delivered === j) isMatched[pairs.at(-1)!.truth] = 1
  }
  const isInOrder = longestIncreasing(Int32Array.from(pairs, ({ truth, isInPlace }) => (isInPlace ? truth : -1)))
  const changed = timesOf(truth, options.view, pairs)
  return {
    moved: pairs.filter((_, n) => isInOrder[n] === 0),
    retimed: pairs.filter((pair, n) => isInOrder[n] === 1 && !isHarmless(options, pair, changed)),
    doubled,
    rest,
  }
}

/** Where the lines with the texts of a table are. */
function placesOf(lines: LineColumns, texts: KeyTable): number[][] {
  const places: number[][] = Array.from({ length: texts.size }, () => [])
  for (let i = 0; i < lines.count; i++) {
    const key = texts.find(lines.high[i]!, lines.low[i]!, 0, 0)
    if (key >= 0) places[key]!.push(i)
  }
  return places
}

/** Between which lines of the truth those stand that are there on both sides. */
function gapsOf(
  matches: Int32Array,
  unknown: readonly number[],
): { readonly after: number; readonly before: number }[] {
  const befores: number[] = []
  for (let n = unknown.length - 1, j = matches.length - 1, before = Infinity; n >= 0; n--) {
    for (; j > unknown[n]!; j--) if (matches[j]! >= 0) before = matches[j]!
    befores[n] = before
  }
  let j = 0
  let after = -1
  return unknown.map((place, n) => {
    for (; j < place; j++) if (matches[j]! >= 0) after = matches[j]!
    return { after, before: befores[n]! }
  })
}

/** Times of the lines of the truth that have another at the destination. */
function timesOf(truth: LineColumns, view: TimeView, pairs: readonly Pair[]): KeyTable {
  const times = new KeyTable()
  const time = { seconds: 0, nanos: 0 }
  for (const pair of pairs) {
    viewTime(truth, pair.truth, view, time)
    times.add(time.seconds, time.nanos, 0, 0)
  }
  return times
}

/** A little later for the destination's sake, or with the time of a line that is out of order. */
function isHarmless({ truth, delivered, view }: OtherTimesOptions, pair: Pair, changed: KeyTable): boolean {
  const [seconds, nanos] = [delivered.seconds[pair.delivered]!, delivered.nanos[pair.delivered]!]
  if (changed.find(seconds, nanos, 0, 0) >= 0) return true
  const time = { seconds: 0, nanos: 0 }
  viewTime(truth, pair.truth, view, time)
  const later = (seconds - time.seconds) * 1e9 + nanos - time.nanos
  return later >= 0 && later < addedNanos
}
