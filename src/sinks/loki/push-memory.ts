import { visibleMask } from './flag-pairs.ts'
import { blockBytes, maxCompressedBytes } from './snappy.ts'

/** What a push may need that wasm/push.ts makes. Memory is resident only where something was written. */
export const most = {
  /** Lines of a batch, and of them in a push. */
  rows: 128 * 1024,
  groups: 4_096,
  /** Labels and metadata of all groups. */
  headBytes: 512 * 1024,
  /** Text of a batch, from the push's first line to its last. */
  textBytes: 4 * 1024 * 1024,
  /** A push that is not compressed. */
  plainBytes: 4 * 1024 * 1024,
} as const

/** Words of a row of the table of groups: see wasm/push.ts. */
const groupWords = 7
/** Bytes are read and written 16 at a time. */
const slackBytes = 64

/** The areas that wasm/push.ts reads and writes, as views into its memory. */
export type PushMemory = ReturnType<typeof pushMemoryOf>

/** Lays the areas out in `buffer`, from `base` on, which 16 divides. */
export function pushMemoryOf(buffer: ArrayBuffer, base: number) {
  let next = base
  const take = (bytes: number) => {
    const at = next
    next += Math.ceil((bytes + slackBytes) / 16) * 16
    return at
  }
  const words = (count: number) => new Uint32Array(buffer, take(count * 4), count)
  const bytes = (count: number) => new Uint8Array(buffer, take(count), count)
  return {
    groups: words(most.groups * groupWords),
    flagTable: words((visibleMask + 1) * 2),
    rows: words(most.rows),
    seconds: new Float64Array(buffer, take(most.rows * 8), most.rows),
    start: words(most.rows),
    end: words(most.rows),
    nanos: words(most.rows),
    ordinal: words(most.rows),
    flags: bytes(most.rows),
    heads: bytes(most.headBytes),
    plain: bytes(blockBytes * 2),
    text: bytes(most.textBytes),
    output: bytes(maxCompressedBytes(most.plainBytes)),
  }
}
