/**
 * Compares what a destination holds of one stream with the truth, both as columns of numbers.
 *
 * A line is known by its time, as the destination shows times, and its text; where the destination has no times of the engine, by its text.
 * The sequences are aligned; what is left over on both sides is then explained, in this order:
 *
 * - out of order: the same line is left over on both sides. The count is the least number of lines that would have to move;
 * - doubled: the destination has the line once more than the truth;
 * - a line with another time than the engine's is found by its text: out of order, doubled, or, in its place, altered;
 * - altered: another text at the time, or, without times, in the place of a line that is not there otherwise;
 * - missing: left over in the truth;  extra: left over in the destination.
 */
import { lineFlags } from '../batch/flags.ts'
import { compareTimes } from '../lib/timestamp.ts'
import { align } from './align.ts'
import { KeyTable } from './key-table.ts'
import { type LineColumns, noTime } from './line-columns.ts'
import { findOtherTimes, type OtherTimes } from './other-times.ts'
import { findTimeView, type TimeView, viewTime } from './time-view.ts'

export interface Pair {
  /** Index of the line in the truth. */
  readonly truth: number
  /** Index of the line in the destination. */
  readonly delivered: number
}

export interface Comparison {
  readonly view: TimeView
  /** Lines of the truth that the destination has, altered ones too. */
  readonly matched: number
  /** Indices into the truth. */
  readonly missing: readonly number[]
  readonly doubled: readonly Pair[]
  readonly altered: readonly Pair[]
  readonly outOfOrder: readonly Pair[]
  /** Indices into the destination: lines that the truth does not have. */
  readonly extra: readonly number[]
  /** The first line of the truth that the destination has; undefined: it has none. */
  readonly firstMatched: number | undefined
  /** The first line of the destination that the truth has. */
  readonly firstDelivered: number | undefined
  /** Missing lines that the destination says something of: the record after them is flagged `gap_before`. */
  readonly behindGap: ReadonlySet<number>
}

export function compareStream(truth: LineColumns, delivered: LineColumns): Comparison {
  const view = findTimeView(truth, delivered)
  const { truthKeys, deliveredKeys, known } = keysOf(truth, delivered, view)
  const matches = align(truthKeys, deliveredKeys)
  const isMatched = new Uint8Array(truth.count)
  const edges = { first: -1, last: -1 }
  for (const [j, match] of matches.entries()) {
    if (match < 0) continue
    isMatched[match] = 1
    if (edges.first < 0) edges.first = j
    edges.last = j
  }
  const outOfOrder: Pair[] = []
  const doubled: Pair[] = []
  const unknown: number[] = []
  const left = new Leftovers(truthKeys, isMatched)
  const firstWithKey = firstPlaces(truthKeys, known)
  for (const [j, match] of matches.entries()) {
    if (match >= 0) continue
    const key = deliveredKeys[j]!
    const found = key < known ? left.take(key) : -1
    if (found >= 0) {
      outOfOrder.push({ truth: found, delivered: j })
      isMatched[found] = 1
    } else if (key < known && isInside(j, edges, view)) doubled.push({ truth: firstWithKey[key]!, delivered: j })
    else unknown.push(j)
  }
  const sides = { truth, delivered, view, matches, isMatched }
  const {
    moved,
    doubled: again,
    retimed,
    rest,
  } = view === 'none' ? noOtherTimes(unknown) : findOtherTimes(sides, unknown)
  outOfOrder.push(...moved)
  doubled.push(...again)
  const altered = [...retimed, ...pairAltered(sides, rest)]
  const alteredIndices = new Set(altered.map((pair) => pair.delivered))
  for (const pair of altered) isMatched[pair.truth] = 1
  const missing: number[] = []
  for (let i = 0; i < truth.count; i++) if (isMatched[i] === 0) missing.push(i)
  const firstMatched = isMatched.indexOf(1)
  return {
    view,
    matched: truth.count - missing.length,
    missing,
    doubled,
    altered,
    outOfOrder,
    extra: rest.filter((j) => !alteredIndices.has(j)),
    firstMatched: firstMatched < 0 ? undefined : firstMatched,
    firstDelivered: edges.first < 0 ? undefined : edges.first,
    behindGap: behindGap(delivered, matches, isMatched),
  }
}

function noOtherTimes(rest: readonly number[]): OtherTimes {
  return { moved: [], doubled: [], retimed: [], rest }
}

/** Without times a line that stands before or after all the others may be one that the engine no longer has, or not yet. */
function isInside(j: number, edges: { first: number; last: number }, view: TimeView): boolean {
  return view !== 'none' || (j > edges.first && j < edges.last) || (edges.first >= 0 && j > edges.last)
}

interface Keys {
  readonly truthKeys: Int32Array
  readonly deliveredKeys: Int32Array
  /** Keys below this number are in the truth. */
  readonly known: number
}

function keysOf(truth: LineColumns, delivered: LineColumns, view: TimeView): Keys {
  const keys = new KeyTable()
  const time = { seconds: 0, nanos: 0 }
  const truthKeys = new Int32Array(truth.count)
  for (let i = 0; i < truth.count; i++) {
    viewTime(truth, i, view, time)
    truthKeys[i] = keys.add(truth.high[i]!, truth.low[i]!, time.seconds, time.nanos)
  }
  const known = keys.size
  const deliveredKeys = new Int32Array(delivered.count)
  for (let j = 0; j < delivered.count; j++) {
    const hasTime = view !== 'none' && delivered.seconds[j] !== noTime
    const [seconds, nanos] = hasTime ? [delivered.seconds[j]!, delivered.nanos[j]!] : [0, 0]
    deliveredKeys[j] = keys.add(delivered.high[j]!, delivered.low[j]!, seconds, nanos)
  }
  return { truthKeys, deliveredKeys, known }
}

/** Lines of the truth that are not matched yet, by their key and in order. */
class Leftovers {
  readonly #first = new Map<number, number>()
  readonly #next: Int32Array

  constructor(keys: Int32Array, isMatched: Uint8Array) {
    this.#next = new Int32Array(keys.length).fill(-1)
    for (let i = keys.length - 1; i >= 0; i--) {
      if (isMatched[i] === 1) continue
      this.#next[i] = this.#first.get(keys[i]!) ?? -1
      this.#first.set(keys[i]!, i)
    }
  }

  /** The next with that key; -1 when there is none left. */
  take(key: number): number {
    const found = this.#first.get(key) ?? -1
    if (found >= 0) this.#first.set(key, this.#next[found]!)
    return found
  }
}

function firstPlaces(keys: Int32Array, known: number): Int32Array {
  const places = new Int32Array(known)
  for (let i = keys.length - 1; i >= 0; i--) places[keys[i]!] = i
  return places
}

interface Rest {
  readonly truth: LineColumns
  readonly delivered: LineColumns
  readonly view: TimeView
  readonly matches: Int32Array
  readonly isMatched: Uint8Array
}

/** Pairs lines that nothing else explains: by time, or by the place between the same neighbours. */
function pairAltered(rest: Rest, unknown: readonly number[]): Pair[] {
  return rest.view === 'none' ? pairByPlace(rest, unknown) : pairByTime(rest, unknown)
}

function pairByTime({ truth, delivered, view, isMatched }: Rest, unknown: readonly number[]): Pair[] {
  const times = new KeyTable()
  const time = { seconds: 0, nanos: 0 }
  const keys = new Int32Array(truth.count)
  for (let i = 0; i < truth.count; i++) {
    viewTime(truth, i, view, time)
    keys[i] = times.add(time.seconds, time.nanos, 0, 0)
  }
  const left = new Leftovers(keys, isMatched)
  const pairs: Pair[] = []
  for (const j of unknown) {
    if (delivered.seconds[j] === noTime) continue
    const key = times.find(delivered.seconds[j]!, delivered.nanos[j]!, 0, 0)
    const found = key < 0 ? -1 : left.take(key)
    if (found >= 0) pairs.push({ truth: found, delivered: j })
  }
  return pairs
}

/** Before the first line that both sides have, pairs are made from the end: the destination may begin earlier than the truth. */
function pairByPlace({ truth, matches, isMatched }: Rest, unknown: readonly number[]): Pair[] {
  const pairs: Pair[] = []
  const first = matches.findIndex((match) => match >= 0)
  const leading = unknown.filter((j) => j < first)
  for (let i = matches[first]! - 1; first >= 0 && i >= 0 && leading.length > 0 && isMatched[i] === 0; i--)
    pairs.unshift({ truth: i, delivered: leading.pop()! })
  let at = Math.max(0, first)
  let next = first < 0 ? 0 : matches[first]! + 1
  for (const j of unknown) {
    if (j < first) continue
    for (; at < j; at++) if (matches[at]! >= 0) next = matches[at]! + 1
    if (next < truth.count && isMatched[next] === 0) pairs.push({ truth: next++, delivered: j })
  }
  return pairs
}

function behindGap(delivered: LineColumns, matches: Int32Array, isMatched: Uint8Array): ReadonlySet<number> {
  const found = new Set<number>()
  for (const [j, match] of matches.entries()) {
    if (match < 0 || (delivered.flags[j]! & lineFlags.gapBefore) === 0) continue
    for (let i = match - 1; i >= 0 && isMatched[i] === 0; i--) found.add(i)
  }
  return found
}

/** Which part of the truth the destination has to hold. */
export interface Judged {
  /** Lines before are those of a time when nobody delivered; undefined: all are judged. */
  readonly from: Time | undefined
  /** Lines after may be on their way. */
  readonly until: Time
}

interface Time {
  readonly seconds: number
  readonly nanos: number
}

/** Of lines that are missing those that the destination has to hold, and the number of the others. */
export function judgeMissing(truth: LineColumns, missing: readonly number[], { from, until }: Judged) {
  const judged: number[] = []
  let beforeBegin = 0
  let unsettled = 0
  for (const i of missing) {
    if (compareTimes(truth.timeOf(i), until) > 0) unsettled += 1
    else if (from && compareTimes(truth.timeOf(i), from) < 0) beforeBegin += 1
    else judged.push(i)
  }
  return { judged, beforeBegin, unsettled }
}
