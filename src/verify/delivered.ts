import { KeyTable } from './key-table.ts'
import { hashText, LineColumns } from './line-columns.ts'
import type { DeliveredRecord } from './record.ts'
import type { StreamName, TruthContainer, TruthStream } from './truth.ts'

/** Texts of lines that the truth does not have are kept for the examples, up to this size together. */
const keptTextBytes = 16 * 1024 * 1024

/** What a destination holds of one stream. */
export interface DeliveredStream {
  readonly lines: LineColumns
  /** Texts of lines that the truth does not have, by index, as far as there was room. */
  readonly texts: Map<number, Buffer>
  /** Lines of one time of which the destination does not say in which order they are. */
  hasUnknownOrder: boolean
  /** The destination shows lines in the order of their times, whatever order they came in. */
  isSortedByTime: boolean
  /** Why what the destination holds is not all known; undefined: it is. */
  incomplete: string | undefined
}

/** Sorts a destination's records by the streams of the truth. */
export class Delivered {
  records = 0
  /** Records of containers that the engine does not have, or that were not asked for. */
  ofOthers = 0
  readonly #containers: readonly TruthContainer[]
  readonly #known = new KeyTable()
  readonly #membersOf = new Map<string, KeyTable>()
  readonly #streams = new Map<string, DeliveredStream>()
  readonly #found = new Map<string, TruthContainer | undefined>()
  readonly #facts = { seconds: 0, nanos: 0, ordinal: 0, high: 0, low: 0, flags: 0 }
  #keptBytes = 0

  constructor(containers: readonly TruthContainer[], truth: readonly TruthStream[]) {
    this.#containers = containers
    for (const { container, stream, lines } of truth) {
      const members = new KeyTable()
      for (let i = 0; i < lines.count; i++) {
        this.#known.add(lines.high[i]!, lines.low[i]!, 0, 0)
        members.add(lines.high[i]!, lines.low[i]!, 0, 0)
      }
      this.#membersOf.set(`${container.id}/${stream}`, members)
    }
  }

  /** A record that names no container is of the one there is. */
  get hasOneContainer(): boolean {
    return this.#containers.length === 1
  }

  /** @returns where it belongs; undefined: to a container that is not compared. */
  take(record: DeliveredRecord): DeliveredStream | undefined {
    this.records += 1
    const container = this.#containerOf(record)
    if (!container) {
      this.ofOthers += 1
      return undefined
    }
    const facts = this.#facts
    facts.seconds = record.seconds
    facts.nanos = record.nanos
    facts.flags = record.flags
    hashText(record.text, 0, record.text.length, facts)
    const stream = record.stream ?? this.#guessStream(container)
    const held = this.streamOf(container, stream)
    const { lines, texts } = held
    if (this.#known.find(facts.high, facts.low, 0, 0) < 0 && this.#keptBytes + record.text.length <= keptTextBytes) {
      this.#keptBytes += record.text.length
      texts.set(lines.count, record.text)
    }
    lines.add(facts)
    return held
  }

  /** Not all of what the destination holds of a container can be read: nothing may be concluded from it. */
  markIncomplete(from: Pick<DeliveredRecord, 'containerId' | 'containerName' | 'stream'>, reason: string): void {
    const container = this.#containerOf(from)
    if (!container) return
    for (const stream of from.stream === undefined ? (['stdout', 'stderr'] as const) : [from.stream])
      this.streamOf(container, stream).incomplete = reason
  }

  streamOf({ id }: TruthContainer, stream: StreamName): DeliveredStream {
    const key = `${id}/${stream}`
    let found = this.#streams.get(key)
    if (!found) this.#streams.set(key, (found = emptyStream()))
    return found
  }

  /** A record that does not say its stream belongs to the one that has its text. */
  #guessStream({ id }: TruthContainer): StreamName {
    const { high, low } = this.#facts
    const isIn = (stream: StreamName) => (this.#membersOf.get(`${id}/${stream}`)?.find(high, low, 0, 0) ?? -1) >= 0
    return !isIn('stdout') && isIn('stderr') ? 'stderr' : 'stdout'
  }

  #containerOf({
    containerId,
    containerName,
  }: Pick<DeliveredRecord, 'containerId' | 'containerName'>): TruthContainer | undefined {
    const key = `${containerId ?? ''}/${containerName ?? ''}`
    if (!this.#found.has(key)) this.#found.set(key, this.#find(containerId, containerName))
    return this.#found.get(key)
  }

  #find(id: string | undefined, name: string | undefined): TruthContainer | undefined {
    if (id !== undefined && id.length >= 12) return this.#containers.find((one) => one.id.startsWith(id))
    if (name !== undefined) return this.#containers.find((one) => one.name === name)
    return this.#containers.length === 1 ? this.#containers[0] : undefined
  }
}

function emptyStream(): DeliveredStream {
  return {
    lines: new LineColumns(),
    texts: new Map(),
    hasUnknownOrder: false,
    isSortedByTime: false,
    incomplete: undefined,
  }
}
