/** Pushes by wasm/push.ts: columns and text are copied to its memory, and what comes out of it is compressed. */
import type { Batch } from '../../batch/batch.ts'
import { loadWasm } from '../../lib/load-wasm.ts'
import type { BlockEncoder } from './block-encoder.ts'
import { encodePairs } from './pairs.ts'
import { flagPairs, visibleMask } from './flag-pairs.ts'
import type { Group, Push } from './plan.ts'
import { most, type PushMemory, pushMemoryOf } from './push-memory.ts'

/** What wasm/push.ts exports. */
interface PushExports {
  readonly memory: WebAssembly.Memory
  areasFrom(): number
  foundAt(): number
  place(...areas: readonly number[]): void
  measure(groups: number): void
  encode(groups: number): number
  encodeBlock(input: number, length: number, output: number): number
}

export class WasmPush {
  readonly #exports: PushExports
  readonly #memory: PushMemory
  /** Where the text of the measured push begins and ends, and its bytes. */
  readonly #found: Uint32Array
  /** Where the labels and metadata of groups go. */
  readonly #headsFrom: number

  constructor(exports: PushExports) {
    const { buffer } = exports.memory
    this.#exports = exports
    this.#memory = pushMemoryOf(buffer, Math.ceil(exports.areasFrom() / 16) * 16)
    this.#found = new Uint32Array(buffer, exports.foundAt(), 3)
    const { groups, flagTable, rows, seconds, start, end, nanos, ordinal, flags, plain, text, output } = this.#memory
    const areas = [groups, flagTable, rows, seconds, start, end, nanos, ordinal, flags, plain, text, output]
    exports.place(...areas.map(({ byteOffset }) => byteOffset))
    this.#headsFrom = this.#placeFlags()
  }

  /** Undefined where the machine's WebAssembly lacks SIMD, or no memory is to be had for it. */
  static create(): WasmPush | undefined {
    const exports = loadWasm('push') as PushExports | undefined
    return exports && new WasmPush(exports)
  }

  /** A push as protobuf and snappy; it is there until the next call. Undefined: it is none for here, for its lines have fields, or for its size. */
  encode(push: Push, batch: Batch): Uint8Array | undefined {
    if (batch.fields !== undefined || batch.count > most.rows || push.groups.length > most.groups) return undefined
    if (!this.#placeGroups(push.groups)) return undefined
    const { text, output } = this.#memory
    this.#placeColumns(batch)
    this.#exports.measure(push.groups.length)
    const [textFrom, textTo, plainBytes] = this.#found as unknown as readonly [number, number, number]
    if (textTo > text.length || plainBytes > most.plainBytes) return undefined
    text.set(batch.bytes.subarray(textFrom, textTo), textFrom)
    return output.subarray(0, this.#exports.encode(push.groups.length))
  }

  /** Compresses a block by the same code. */
  readonly encodeBlock: BlockEncoder = (source, from, end, target, at) => {
    const { plain, output } = this.#memory
    plain.set(source.subarray(from, end))
    const length = this.#exports.encodeBlock(plain.byteOffset, end - from, output.byteOffset) - output.byteOffset
    target.set(output.subarray(0, length), at)
    return at + length
  }

  #placeColumns({ columns, count }: Batch): void {
    const { seconds, start, end, nanos, ordinal, flags } = this.#memory
    seconds.set(columns.seconds.subarray(0, count))
    start.set(columns.start.subarray(0, count))
    end.set(columns.end.subarray(0, count))
    nanos.set(columns.nanos.subarray(0, count))
    ordinal.set(columns.ordinal.subarray(0, count))
    flags.set(columns.flags.subarray(0, count))
  }

  /** The metadata of each combination of flags. @returns where the heads have room behind them */
  #placeFlags(): number {
    const { flagTable, heads } = this.#memory
    let at = 0
    for (let flags = 0; flags <= visibleMask; flags++) {
      const bytes = encodePairs(flagPairs(flags))
      heads.set(bytes, at)
      flagTable.set([heads.byteOffset + at, bytes.length], flags * 2)
      at += bytes.length
    }
    return at
  }

  /** Puts their rows, labels and metadata where the table says. False: there is no room for them. */
  #placeGroups(groups: readonly Group[]): boolean {
    const { groups: table, heads, rows } = this.#memory
    let headsAt = this.#headsFrom
    let rowsAt = 0
    let word = 0
    const head = (bytes: Uint8Array) => {
      heads.set(bytes, headsAt)
      table[word++] = heads.byteOffset + headsAt
      table[word++] = bytes.length
      headsAt += bytes.length
    }
    for (const { target, rows: own, from, to } of groups) {
      const bytes = target.labelBytes.length + target.metadataBytes.length
      if (headsAt + bytes > heads.length || rowsAt + to - from > rows.length) return false
      head(target.labelBytes)
      head(target.metadataBytes)
      table[word++] = rowsAt
      rows.set(own.subarray(from, to), rowsAt)
      table[word++] = rowsAt += to - from
      // The bytes of the stream, which are found later.
      word++
    }
    return true
  }
}
