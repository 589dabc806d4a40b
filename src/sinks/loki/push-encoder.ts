import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { Batch } from '../../batch/batch.ts'
import { encodeJson } from './json.ts'
import type { Push } from './plan.ts'
import { encodeProtobuf, maxEncodedBytes } from './protobuf.ts'
import { maxCompressedBytes, SnappyEncoder } from './snappy.ts'

/** A compressed push. */
export interface Encoded {
  readonly bytes: Uint8Array
  /** Gives the memory back, once nobody reads the bytes any longer. Where it is not known that nobody does, it is left to the collector of garbage. */
  release(): void
}

export interface PushEncoder {
  encode(push: Push, batch: Batch): Encoded | Promise<Encoded>
}

/** Buffers of finished pushes that are kept for the next ones. */
const keptBuffers = 8
const compress = promisify(gzip)

export class ProtobufEncoder implements PushEncoder {
  readonly #snappy = new SnappyEncoder()
  readonly #free: Buffer[] = []
  #plain = Buffer.allocUnsafeSlow(0)

  encode(push: Push, batch: Batch): Encoded {
    const maxBytes = maxEncodedBytes(push, batch)
    if (this.#plain.length < maxBytes) this.#plain = Buffer.allocUnsafeSlow(maxBytes)
    const length = encodeProtobuf(push, batch, this.#plain)
    const buffer = this.#take(maxCompressedBytes(length))
    const bytes = buffer.subarray(0, this.#snappy.encode(this.#plain, length, buffer))
    return {
      bytes,
      release: () => {
        if (this.#free.length < keptBuffers) this.#free.push(buffer)
      },
    }
  }

  #take(bytes: number): Buffer {
    const free = this.#free.pop()
    return free && free.length >= bytes ? free : Buffer.allocUnsafeSlow(bytes)
  }
}

export class JsonEncoder implements PushEncoder {
  async encode(push: Push, batch: Batch): Promise<Encoded> {
    const bytes = await compress(encodeJson(push, batch), { level: 1 })
    return { bytes, release: () => undefined }
  }
}
