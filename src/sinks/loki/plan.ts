import type { Batch, Columns } from '../../batch/batch.ts'
import type { Fields } from '../../batch/fields/fields.ts'
import { lineFlags } from '../../batch/flags.ts'
import type { Origin } from '../../batch/origin.ts'
import type { Rejection } from '../../component/sink.ts'
import { entrySeconds } from './entry-time.ts'
import type { StreamTarget } from './label-sets.ts'

/** Lines that go together: those of `rows` from `from` up to `to`, which are indices into the batch, in its order. */
interface Lines {
  readonly target: StreamTarget
  /** Shared by all groups of a batch. */
  readonly rows: Uint32Array
  readonly from: number
  readonly to: number
}

/** Lines of one stream of Loki. */
export interface Group extends Lines {
  /** The newest time that its stream of Loki has had with these lines, or with others of the same batch, in seconds. */
  readonly newest: number
}

export function linesOf({ rows, from, to }: Group): number[] {
  return [...rows.subarray(from, to)]
}

/** The same group with these lines only. */
export function groupWith({ target, newest }: Group, lines: readonly number[]): Group {
  return { target, rows: Uint32Array.from(lines), from: 0, to: lines.length, newest }
}

/** One request: groups of one tenant. */
export interface Push {
  readonly tenant: string
  readonly groups: readonly Group[]
}

/** Lines so much older than what their stream of Loki has are sent by themselves: see `planOf`. Loki's window is an hour (max_chunk_age / 2). */
const behindSeconds = 1_800
/** An entry beside its line: time, tags, and a share of the labels. */
const entryBytes = 64

/** What is left to be sent of a batch. Kept with the batch over repeats, so that what the server has taken is not sent again. */
export class Plan {
  readonly #pushes: Push[]
  readonly #rejected = new Map<string, number[]>()

  constructor(pushes: readonly Push[]) {
    this.#pushes = [...pushes]
  }

  get next(): Push | undefined {
    return this.#pushes[0]
  }

  /** The server has the next push, but for lines that were rejected. */
  settle(): void {
    this.#pushes.shift()
  }

  /** The next push is taken apart into two. False: it is a single line. */
  split(): boolean {
    const { tenant, groups } = this.#pushes[0]!
    const count = groups.reduce((sum, { from, to }) => sum + to - from, 0)
    if (count < 2) return false
    const first: Group[] = []
    const second: Group[] = []
    let left = count >> 1
    for (const group of groups) {
      const lines = group.to - group.from
      const middle = group.from + Math.min(Math.max(0, left), lines)
      if (middle > group.from) first.push({ ...group, to: middle })
      if (middle < group.to) second.push({ ...group, from: middle })
      left -= lines
    }
    this.#pushes.splice(0, 1, { tenant, groups: first }, { tenant, groups: second })
    return true
  }

  /** Sends `push`, which is a part of the next, in its place. */
  replaceNext(push: Push): Push {
    this.#pushes[0] = push
    return push
  }

  reject(reason: string, lines: Iterable<number>): void {
    const known = this.#rejected.get(reason)
    if (known) for (const line of lines) known.push(line)
    else this.#rejected.set(reason, [...lines])
  }

  rejections(): readonly Rejection[] {
    return [...this.#rejected].filter(([, lines]) => lines.length > 0).map(([reason, lines]) => ({ reason, lines }))
  }
}

export interface PlanOptions {
  /** `values`: of the fields in `fieldNames`, empty where a line has none. */
  readonly targetOf: (origin: Origin, values: readonly string[]) => StreamTarget
  /** Fields that make a difference to where a line goes. */
  readonly fieldNames?: readonly string[]
  /** Bytes of a push at the most, roughly; a longer line makes a push by itself. */
  readonly maxPushBytes: number
  /** The newest time that the stream of Loki has had from here, in seconds. */
  readonly newestOf: (target: StreamTarget) => number | undefined
}

/**
 * Groups the lines of `batch` and cuts them into pushes. Where lines of several streams are too far behind, Loki's answer names the last stream only;
 * so a group that may be is a push by itself, and its answer leaves nothing open.
 */
export function planOf(batch: Batch, options: PlanOptions): readonly Push[] {
  const pushes: { tenant: string; groups: Group[]; bytes: number; isClosed: boolean }[] = []
  for (const lines of groupsOf(batch, options)) {
    const { tenant } = lines.target
    const { oldest, newest } = timesOf(lines, batch, options.newestOf(lines.target))
    const isAlone = newest - oldest > behindSeconds
    for (const { bytes, ...portion } of portionsOf({ ...lines, newest }, batch, options.maxPushBytes)) {
      const open = pushes.find((push) => push.tenant === tenant && !push.isClosed)
      if (!isAlone && open && open.bytes + bytes <= options.maxPushBytes) {
        open.groups.push(portion)
        open.bytes += bytes
        continue
      }
      if (!isAlone && open) open.isClosed = true
      pushes.push({ tenant, groups: [portion], bytes, isClosed: isAlone })
    }
  }
  return pushes.map(({ tenant, groups }) => ({ tenant, groups }))
}

/** For each row the number of its group; serves one batch after the other. */
let groupOfRow = new Uint32Array(0)

/** Each group's lines in order, one behind the other in one array: they are counted, then put where they belong. */
function groupsOf(batch: Batch, { targetOf, fieldNames = [] }: PlanOptions): readonly Lines[] {
  const { origins, columns, count } = batch
  const targets: StreamTarget[] = []
  const numberOf = new Map<StreamTarget, number>()
  const groupFor = (target: StreamTarget) => {
    let number = numberOf.get(target)
    if (number === undefined) {
      numberOf.set(target, (number = targets.length))
      targets.push(target)
    }
    return number
  }
  if (groupOfRow.length < count) groupOfRow = new Uint32Array(count * 2)
  if (fieldNames.length === 0 || batch.fields === undefined)
    groupByOrigin(
      columns,
      count,
      Uint32Array.from(origins, (origin) => groupFor(targetOf(origin, []))),
    )
  else groupByFields(batch, { fields: batch.fields, names: fieldNames }, targetOf, groupFor)
  const lines = new Uint32Array(targets.length)
  const rows = new Uint32Array(countLines(columns, count, lines))
  const groups = groupsIn(rows, targets, lines)
  placeLines(columns, count, rows, lines)
  return groups
}

/** The groups, one behind the other; `lines` has how many each has, and comes to have where its first one goes. Those of one stream of Loki that differ in their metadata lie side by side. */
function groupsIn(rows: Uint32Array, targets: readonly StreamTarget[], lines: Uint32Array): readonly Lines[] {
  const byStream = new Map<string, number[]>()
  for (const [number, { key }] of targets.entries()) {
    if (lines[number] === 0) continue
    const same = byStream.get(key)
    if (same) same.push(number)
    else byStream.set(key, [number])
  }
  const groups: Lines[] = []
  let from = 0
  for (const same of byStream.values()) {
    for (const number of same) {
      const to = from + lines[number]!
      groups.push({ target: targets[number]!, rows, from, to })
      lines[number] = from
      from = to
    }
  }
  return groups
}

// Loops over rows are functions of their own: what is around them runs seldom, and would be compiled with them again and again.
function groupByOrigin({ origin }: Columns, count: number, groupOfOrigin: Uint32Array): void {
  for (let row = 0; row < count; row++) groupOfRow[row] = groupOfOrigin[origin[row]!]!
}

/** Adds up the lines of each group. @returns how many there are */
function countLines({ flags }: Columns, count: number, lines: Uint32Array): number {
  let all = 0
  for (let row = 0; row < count; row++) {
    if ((flags[row]! & lineFlags.dropped) !== 0) continue
    lines[groupOfRow[row]!]! += 1
    all += 1
  }
  return all
}

/** `places`: where the next line of each group goes. */
function placeLines({ flags }: Columns, count: number, rows: Uint32Array, places: Uint32Array): void {
  for (let row = 0; row < count; row++) {
    if ((flags[row]! & lineFlags.dropped) !== 0) continue
    const group = groupOfRow[row]!
    rows[places[group]!] = row
    places[group]! += 1
  }
}

/** Where fields make a difference, lines of an origin with the same values are in one group. */
function groupByFields(
  { columns, origins, count }: Batch,
  { fields, names }: { readonly fields: Fields; readonly names: readonly string[] },
  targetOf: PlanOptions['targetOf'],
  groupFor: (target: StreamTarget) => number,
): void {
  const numbers = names.map((name) => fields.indexOf(name))
  const known = new Map<string, number>()
  for (let row = 0; row < count; row++) {
    if ((columns.flags[row]! & lineFlags.dropped) !== 0) continue
    const origin = columns.origin[row]!
    const values = numbers.map((number) => {
      const value = fields.find(row, number)
      return value === -1 ? '' : fields.textOf(value)
    })
    const key = `${origin}\0${values.join('\0')}`
    let group = known.get(key)
    if (group === undefined) known.set(key, (group = groupFor(targetOf(origins[origin]!, values))))
    groupOfRow[row] = group
  }
}

/** The oldest time of the lines, and the newest that their stream of Loki has had with them. */
function timesOf({ rows, from, to }: Lines, batch: Batch, known = 0): { oldest: number; newest: number } {
  let oldest = Infinity
  let newest = known
  for (let k = from; k < to; k++) {
    const seconds = entrySeconds(batch, rows[k]!)
    if (seconds < oldest) oldest = seconds
    if (seconds > newest) newest = seconds
  }
  return { oldest, newest }
}

function portionsOf(group: Group, { columns, fields }: Batch, maxBytes: number): (Group & { bytes: number })[] {
  const portions: (Group & { bytes: number })[] = []
  const { target, rows, to, newest } = group
  const { start, end } = columns
  const each = entryBytes + target.metadataBytes.length
  let from = group.from
  let bytes = 0
  for (let k = from; k < to; k++) {
    const i = rows[k]!
    const more = end[i]! - start[i]! + each + (fields === undefined ? 0 : fields.bytesOf(i))
    if (k > from && bytes + more > maxBytes) {
      portions.push({ target, rows, from, to: k, newest, bytes })
      from = k
      bytes = 0
    }
    bytes += more
  }
  portions.push({ target, rows, from, to, newest, bytes })
  return portions
}
