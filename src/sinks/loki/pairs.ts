/** Names with values: labels, or structured metadata. */
export type Pairs = readonly (readonly [name: string, value: string])[]

/** The pairs as fields 3 of an EntryAdapter (see protobuf.ts). */
export function encodePairs(pairs: Pairs): Uint8Array {
  return Buffer.concat(
    pairs.map(([name, value]) => {
      const inner = Buffer.concat([stringField(1, name), stringField(2, value)])
      return Buffer.concat([Buffer.from([0x1a]), varint(inner.length), inner])
    }),
  )
}

/** Bytes of the pairs as Loki counts them. */
export function sizeOfPairs(pairs: Pairs): number {
  return pairs.reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value), 0)
}

/** `value` is below 2^32, which seconds are until 2106. @returns where it ends. */
export function writeVarint(value: number, target: Uint8Array, start: number): number {
  let at = start
  let rest = value
  while (rest > 127) {
    target[at++] = (rest & 127) | 128
    rest >>>= 7
  }
  target[at++] = rest
  return at
}

/** How long the varint of a value is, of which the same holds. */
export function varintBytes(value: number): number {
  if (value < 0x80) return 1
  if (value < 0x4000) return 2
  if (value < 0x20_0000) return 3
  return value < 0x1000_0000 ? 4 : 5
}

export function varint(value: number): Uint8Array {
  const bytes = new Uint8Array(5)
  return bytes.subarray(0, writeVarint(value, bytes, 0))
}

function stringField(number: number, text: string): Buffer {
  const bytes = Buffer.from(text)
  return Buffer.concat([Buffer.from([(number << 3) | 2]), varint(bytes.length), bytes])
}
