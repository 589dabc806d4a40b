import type { Batch } from '../../batch/batch.ts'
import type { Fields } from '../../batch/fields/fields.ts'
import { lineFlags } from '../../batch/flags.ts'
import type { Origin } from '../../batch/origin.ts'
import type { Rejection } from '../../component/sink.ts'
import { entrySeconds } from './entry-time.ts'
import type { StreamTarget } from './label-sets.ts'

/** Lines of one stream of Loki, by their index in the batch and in its order. */
export interface Group {
  readonly target: StreamTarget
  readonly lines: readonly number[]
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
    const count = groups.reduce((sum, { lines }) => sum + lines.length, 0)
    if (count < 2) return false
    const first: Group[] = []
    const second: Group[] = []
    let left = count >> 1
    for (const { target, lines } of groups) {
      if (left > 0) first.push({ target, lines: lines.slice(0, left) })
      if (left < lines.length) second.push({ target, lines: lines.slice(Math.max(0, left)) })
      left -= lines.length
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
  for (const group of groupsOf(batch, options)) {
    const { tenant } = group.target
    const isAlone = mayBeBehind(group, batch, options.newestOf(group.target))
    for (const { lines, bytes } of portionsOf(group, batch, options.maxPushBytes)) {
      const open = pushes.find((push) => push.tenant === tenant && !push.isClosed)
      if (!isAlone && open && open.bytes + bytes <= options.maxPushBytes) {
        open.groups.push({ target: group.target, lines })
        open.bytes += bytes
        continue
      }
      if (!isAlone && open) open.isClosed = true
      pushes.push({ tenant, groups: [{ target: group.target, lines }], bytes, isClosed: isAlone })
    }
  }
  return pushes.map(({ tenant, groups }) => ({ tenant, groups }))
}

function groupsOf(batch: Batch, { targetOf, fieldNames = [] }: PlanOptions): readonly Group[] {
  const { origins, columns, count } = batch
  /** By stream of Loki: lines of one that differ in their metadata are groups side by side. */
  const byStream = new Map<string, { readonly target: StreamTarget; readonly lines: number[] }[]>()
  const listFor = (target: StreamTarget) => {
    let groups = byStream.get(target.key)
    if (!groups) byStream.set(target.key, (groups = []))
    let group = groups.find((one) => one.target === target)
    if (!group) groups.push((group = { target, lines: [] }))
    return group.lines
  }
  const listOf =
    fieldNames.length === 0 || batch.fields === undefined
      ? listByOrigin(origins.map((origin) => listFor(targetOf(origin, []))))
      : listByFields(batch.fields, fieldNames, (origin, values) => listFor(targetOf(origins[origin]!, values)))
  for (let i = 0; i < count; i++) {
    if ((columns.flags[i]! & lineFlags.dropped) === 0) listOf(columns.origin[i]!, i).push(i)
  }
  const all: Group[] = []
  for (const groups of byStream.values()) for (const group of groups) if (group.lines.length > 0) all.push(group)
  return all
}

/** The list that a line belongs in, by the index of its origin, and its row. */
type ListOf = (origin: number, row: number) => number[]

function listByOrigin(lists: readonly number[][]): ListOf {
  return (origin) => lists[origin]!
}

function listByFields(
  fields: Fields,
  names: readonly string[],
  listFor: (origin: number, values: readonly string[]) => number[],
): ListOf {
  const numbers = names.map((name) => fields.indexOf(name))
  const known = new Map<string, number[]>()
  return (origin, row) => {
    const values = numbers.map((number) => {
      const value = fields.find(row, number)
      return value === -1 ? '' : fields.textOf(value)
    })
    const key = `${origin}\0${values.join('\0')}`
    let list = known.get(key)
    if (!list) known.set(key, (list = listFor(origin, values)))
    return list
  }
}

function mayBeBehind({ lines }: Group, batch: Batch, known: number | undefined): boolean {
  let oldest = Infinity
  let newest = known ?? 0
  for (const i of lines) {
    const seconds = entrySeconds(batch, i)
    if (seconds < oldest) oldest = seconds
    if (seconds > newest) newest = seconds
  }
  return newest - oldest > behindSeconds
}

function portionsOf(
  { target, lines }: Group,
  { columns, fields }: Batch,
  maxBytes: number,
): { lines: readonly number[]; bytes: number }[] {
  const portions: { lines: readonly number[]; bytes: number }[] = []
  const each = entryBytes + target.metadataBytes.length
  let from = 0
  let bytes = 0
  for (const [n, i] of lines.entries()) {
    const more = columns.end[i]! - columns.start[i]! + each + (fields?.bytesOf(i) ?? 0)
    if (n > from && bytes + more > maxBytes) {
      portions.push({ lines: lines.slice(from, n), bytes })
      from = n
      bytes = 0
    }
    bytes += more
  }
  portions.push({ lines: from === 0 ? lines : lines.slice(from), bytes })
  return portions
}
