import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { Batch } from '../../batch/batch.ts'
import { Output } from '../../lib/output.ts'
import { JsonPushEncoder } from './json.ts'
import { BufferPool } from '../../lib/buffer-pool.ts'
import type { Push } from './plan.ts'
import { encodeProtobuf, measurePush } from './protobuf.ts'
import { maxCompressedBytes, SnappyEncoder } from './snappy.ts'
import type { WasmPush } from './wasm-push.ts'

/** A compressed push. */
export interface Encoded {
  readonly bytes: Uint8Array
  /** Gives the memory back, once nobody reads the bytes any longer. Where it is not known that nobody does, it is left to the collector of garbage. */
  release(): void
}

export interface PushEncoder {
  encode(push: Push, batch: Batch): Encoded | Promise<Encoded>
}

const compress = promisify(gzip)

export class ProtobufEncoder implements PushEncoder {
  readonly #wasm: WasmPush | undefined
  readonly #snappy: SnappyEncoder
  readonly #pool = new BufferPool()
  #plain = Buffer.allocUnsafeSlow(0)
  #compressed = Buffer.allocUnsafeSlow(0)

  /** `wasm`: undefined where the machine has none. */
  constructor(wasm: WasmPush | undefined) {
    this.#wasm = wasm
    this.#snappy = new SnappyEncoder(wasm?.encodeBlock)
  }

  encode(push: Push, batch: Batch): Encoded {
    const bytes = this.#wasm?.encode(push, batch) ?? this.#encode(push, batch)
    // Pushes on their way hold what they became, not what they might have become.
    const buffer = this.#pool.take(bytes.length)
    buffer.set(bytes)
    return { bytes: buffer.subarray(0, bytes.length), release: () => this.#pool.give(buffer) }
  }

  /** Any push. Its bytes are there until the next. */
  #encode(push: Push, batch: Batch): Uint8Array {
    const size = measurePush(push, batch)
    if (this.#plain.length < size.bytes) this.#plain = Buffer.allocUnsafeSlow(Math.ceil(size.bytes * 1.25))
    const length = encodeProtobuf(push, batch, size, this.#plain)
    const maxCompressed = maxCompressedBytes(length)
    if (this.#compressed.length < maxCompressed)
      this.#compressed = Buffer.allocUnsafeSlow(Math.ceil(maxCompressed * 1.25))
    return this.#compressed.subarray(0, this.#snappy.encode(this.#plain, length, this.#compressed))
  }
}

const firstBytes = 64 * 1024
/**
 * Of a piece that zlib hands over. Each costs two changes of threads: with Node's 16 KiB these were 14 % of the cost of a line. Logs shrink to a third or
 * less, so that most pushes are one piece.
 */
const pieceBytes = { least: 16 * 1024, most: 1024 * 1024 }

export class JsonEncoder implements PushEncoder {
  readonly #encoder: JsonPushEncoder
  /** Grown to what pushes need; as many as are compressed at a time. */
  readonly #free: Output[] = []

  /** `hasMetadata`: the server takes structured metadata. */
  constructor(hasMetadata: boolean) {
    this.#encoder = new JsonPushEncoder(hasMetadata)
  }

  async encode(push: Push, batch: Batch): Promise<Encoded> {
    const output = this.#free.pop() ?? new Output(firstBytes)
    this.#encoder.encode(push, batch, output)
    const chunkSize = Math.min(Math.max(pieceBytes.least, Math.ceil(output.length / 3)), pieceBytes.most)
    const bytes = await compress(output.bytes.subarray(0, output.length), { level: 1, chunkSize })
    this.#free.push(output)
    return { bytes, release: () => undefined }
  }
}
