import type { Batch } from '../batch/batch.ts'
import { type MergeMemory, mergeInParts } from '../batch/merge.ts'
import type { Origin, Progress } from '../batch/origin.ts'
import type { SendOutcome } from '../component/sink.ts'
import type { Deferred } from '../lib/wait.ts'
import { PassOver } from './pass-over.ts'
import type { Entry, Size } from './queue.ts'

/** What one call of a sink's `send` carries; it holds a reference to its batch. */
export interface Request {
  batch: Batch
  size: Size
  /** The entries whose lines are in it; none for lines that are sent once more on somebody's wish. */
  readonly entries: readonly Entry[]
  readonly replay?: Deferred<SendOutcome>
  state: 'waiting' | 'sending'
  /** The last send came back with `retry`. */
  hasFailed: boolean
}

/** Entries to be sent together. */
export interface Group {
  readonly entries: readonly Entry[]
  readonly bytes: number
  /** What comes next would not fit. */
  readonly isFull: boolean
}

/** The waiting entries at the front whose text fits into `maxBytes` together; the first always does. */
export function nextGroup(head: readonly Entry[], maxBytes: number): Group {
  const entries: Entry[] = []
  let bytes = 0
  for (const entry of head) {
    if (entry.state !== 'waiting') continue
    if (entries.length > 0 && bytes + entry.size.bytes > maxBytes) return { entries, bytes, isFull: true }
    entries.push(entry)
    bytes += entry.size.bytes
  }
  return { entries, bytes, isFull: bytes >= maxBytes }
}

/** A request for one batch as it is. */
export function requestFor(entry: Entry): Request {
  entry.batch.retain()
  return start({ batch: entry.batch, entries: [entry], size: entry.size })
}

/** Of lines of one stream, of which nearly all are, only one request can be on its way at a time. */
const nearlyAll = 0.75

/** Whether requests without a stream in common would leave nearly all lines in one of them. */
export function areOfOnePart(entries: readonly Entry[], parts: number): boolean {
  const lines = new Float64Array(parts)
  let all = 0
  for (const { batch } of entries) {
    const partOfOrigin = Uint8Array.from(batch.origins, (origin) => partOf(origin, parts))
    countByPart(batch.columns.origin, batch.count, partOfOrigin, lines)
    all += batch.count
  }
  return Math.max(...lines) >= nearlyAll * all
}

function countByPart(origin: Uint16Array, count: number, partOfOrigin: Uint8Array, lines: Float64Array): void {
  for (let row = 0; row < count; row++) lines[partOfOrigin[origin[row]!]!]! += 1
}

/** One request for all of the entries, or several of about the same size that have no stream in common. */
export function requestsFor(entries: readonly Entry[], parts: number, memory: MergeMemory): Request[] {
  const [first] = entries
  if (parts === 1 && entries.length === 1) return [requestFor(first!)]
  const batches = entries.map(({ batch }) => batch)
  const made = mergeInParts(batches, { parts, partOf: (origin) => partOf(origin, parts) }, memory)
  return made.map((batch) => start({ batch, entries, size: batch.measure() }))
}

/**
 * Takes out of requests that wait, in order, the lines up to `places`. Only where the line at such a place is in one of them: elsewhere the place
 * says nothing new, and times alone do not tell what lies before it when the engine's clock was set back.
 */
export function passOverIn(requests: readonly Request[], places: readonly Progress[]): void {
  const waiting = requests.filter(({ state }) => state === 'waiting')
  const sinkHas = new PassOver(places.filter((place) => waiting.some(({ batch }) => hasLineAt(batch, place))))
  for (const [i, request] of waiting.entries()) {
    request.batch = sinkHas.pass(request.batch, i + 1).batch
    request.size = request.batch.measure()
  }
}

function hasLineAt({ columns, origins, count }: Batch, { key, cursor }: Progress): boolean {
  const { seconds, nanos, ordinal, origin } = columns
  const stream = origins.findIndex((one) => one.key === key)
  for (let i = 0; stream >= 0 && i < count; i++) {
    const isAtTime = seconds[i] === cursor.seconds && nanos[i] === cursor.nanos
    if (origin[i] === stream && isAtTime && ordinal[i] === cursor.count - 1) return true
  }
  return false
}

function start(parts: Pick<Request, 'batch' | 'entries' | 'size'>): Request {
  for (const entry of parts.entries) {
    entry.state = 'sending'
    entry.openRequests += 1
  }
  return { ...parts, state: 'waiting', hasFailed: false }
}

const hashes = new WeakMap<Origin, number>()

/** The same for all lines of a stream, whatever the batch. */
function partOf(origin: Origin, parts: number): number {
  let hash = hashes.get(origin)
  if (hash === undefined) {
    hash = 0x811c9dc5 // FNV-1a, 32 bits.
    for (let i = 0; i < origin.key.length; i++) hash = Math.imul(hash ^ origin.key.charCodeAt(i), 0x01000193) >>> 0
    hashes.set(origin, hash)
  }
  return hash % parts
}
