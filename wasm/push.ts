/**
 * A push to Loki in WebAssembly (AssemblyScript), from the columns to snappy: what src/sinks/loki/protobuf.ts writes, byte for byte, compressed block by
 * block while it is in the processor's caches. For lines without fields of their own.
 *
 * All areas are handed over by src/sinks/loki/push-memory.ts. Lines and labels are copied 16 bytes at a time: behind each area are some bytes that may be
 * read, and written, too.
 */
import { blockBytes, encodeBlock } from './snappy'

export { encodeBlock }

/** What is handed over at the start: where the areas are. */
let groupTable: usize = 0
let flagTable: usize = 0
let rowColumn: usize = 0
let secondsColumn: usize = 0
let startColumn: usize = 0
let endColumn: usize = 0
let nanosColumn: usize = 0
let ordinalColumn: usize = 0
let flagsColumn: usize = 0
let plain: usize = 0
let text: usize = 0
let output: usize = 0

/** Where memory begins that nothing of this module is in. */
export function areasFrom(): usize {
  return __heap_base
}

export function place(
  groupsAt: usize,
  flagsTableAt: usize,
  rowsAt: usize,
  secondsAt: usize,
  startAt: usize,
  endAt: usize,
  nanosAt: usize,
  ordinalAt: usize,
  flagsAt: usize,
  plainAt: usize,
  textAt: usize,
  outputAt: usize,
): void {
  groupTable = groupsAt
  flagTable = flagsTableAt
  rowColumn = rowsAt
  secondsColumn = secondsAt
  startColumn = startAt
  endColumn = endAt
  nanosColumn = nanosAt
  ordinalColumn = ordinalAt
  flagsColumn = flagsAt
  plain = plainAt
  text = textAt
  output = outputAt
}

/** A row of the table of groups: six words, where labels and metadata are and how long, and its rows; a seventh, the bytes of its stream, is found here. */
const groupBytes: u32 = 28
/** Bits of a line's flags that are shown: an index into the table of flags, whose rows are two words, where the metadata is and how long. */
const visibleMask: u32 = 5

/** What `measure` found: where the lines' text begins and ends, and the bytes of the push. */
const found: usize = memory.data(12, 4)

export function foundAt(): usize {
  return found
}

/** Measures the streams of the first `groups` of the table. */
export function measure(groups: u32): void {
  let from: u32 = 0xffffffff
  let to: u32 = 0
  let all: u32 = 0
  for (let group = groupTable, end = groupTable + groups * groupBytes; group < end; group += groupBytes) {
    const labelLength = load<u32>(group, 4)
    const metadataLength = load<u32>(group, 12)
    const behind = rowColumn + (load<u32>(group, 20) << 2)
    let bytes = 1 + varintBytes(labelLength) + labelLength
    for (let at = rowColumn + (load<u32>(group, 16) << 2); at < behind; at += 4) {
      const row = load<u32>(at)
      const start = load<u32>(startColumn + (row << 2))
      const close = load<u32>(endColumn + (row << 2))
      from = min(from, start)
      to = max(to, close)
      readTime(row)
      const entry = entryBytes(close - start, metadataLength + flagsLength(row, metadataLength))
      bytes += 1 + varintBytes(entry) + entry
    }
    store<u32>(group, bytes, 24)
    all += 1 + paddedBytes + bytes
  }
  store<u32>(found, min(from, to))
  store<u32>(found, to, 4)
  store<u32>(found, all, 8)
}

/** The time of a row in Loki (src/sinks/loki/entry-time.ts), as `readTime` leaves it, and the bytes that both take. */
let seconds: u32 = 0
let nanos: u32 = 0
let timeBytes: u32 = 0

function readTime(row: u32): void {
  let whole = load<f64>(secondsColumn + (row << 3))
  let part = <u64>load<u32>(nanosColumn + (row << 2)) + load<u32>(ordinalColumn + (row << 2))
  if (part >= 1_000_000_000) {
    whole += <f64>(part / 1_000_000_000)
    part %= 1_000_000_000
  }
  seconds = <u32>max<f64>(0, whole)
  nanos = <u32>part
  timeBytes = 1 + varintBytes(seconds) + (nanos == 0 ? 0 : 1 + varintBytes(nanos))
}

/** Bytes of an entry, of the time that was read last. */
function entryBytes(length: u32, metadataLength: u32): u32 {
  return 3 + timeBytes + varintBytes(length) + length + metadataLength
}

/** Bytes of what a row's flags are shown as; nothing where there is no metadata at all. */
function flagsLength(row: u32, metadataLength: u32): u32 {
  return metadataLength == 0 ? 0 : load<u32>(flagTable + flagsOf(row), 4)
}

/** Where a row's flags are in their table. */
function flagsOf(row: u32): u32 {
  return (load<u8>(flagsColumn + row) & visibleMask) << 3
}

/** Kept for a length that is written last by protobuf.ts. */
const paddedBytes: u32 = 5

/** Where the next byte of protobuf goes, and the next byte of output. */
let at: usize = 0
let outputAt: usize = 0
/** A block, and room for what goes beyond it. */
const plainBytes: u32 = blockBytes * 2

/** Encodes what was measured. @returns the bytes of output */
export function encode(groups: u32): u32 {
  at = output
  writeVarint(load<u32>(found, 8))
  outputAt = at
  at = plain
  for (let group = groupTable, end = groupTable + groups * groupBytes; group < end; group += groupBytes)
    writeStream(group)
  flush()
  if (at > plain) outputAt = encodeBlock(plain, <u32>(at - plain), outputAt)
  return <u32>(outputAt - output)
}

function writeStream(group: usize): void {
  const labelLength = load<u32>(group, 4)
  const metadata: usize = load<u32>(group, 8)
  const metadataLength = load<u32>(group, 12)
  const behind = rowColumn + (load<u32>(group, 20) << 2)
  store<u8>(at, 0x0a)
  writePadded(load<u32>(group, 24))
  store<u8>(at++, 0x0a)
  writeVarint(labelLength)
  put(load<u32>(group), labelLength)
  for (let from = rowColumn + (load<u32>(group, 16) << 2); from < behind; from += 4) {
    const row = load<u32>(from)
    const start = load<u32>(startColumn + (row << 2))
    const length = load<u32>(endColumn + (row << 2)) - start
    readTime(row)
    const shown = flagsLength(row, metadataLength)
    store<u8>(at++, 0x12)
    writeVarint(entryBytes(length, metadataLength + shown))
    store<u8>(at, 0x0a)
    store<u8>(at, <u8>timeBytes, 1)
    store<u8>(at, 0x08, 2)
    at += 3
    writeVarint(seconds)
    if (nanos != 0) {
      store<u8>(at++, 0x10)
      writeVarint(nanos)
    }
    store<u8>(at++, 0x12)
    writeVarint(length)
    put(text + start, length)
    put(metadata, metadataLength)
    if (shown != 0) put(load<u32>(flagTable + flagsOf(row)), shown)
  }
}

/** Writes bytes of any number, and compresses whole blocks. */
function put(from: usize, length: u32): void {
  let source = from
  let rest = length
  while (<u32>(at - plain) + rest > plainBytes) {
    const part = plainBytes - <u32>(at - plain)
    memory.copy(at, source, part)
    at += part
    source += part
    rest -= part
    flush()
  }
  for (let i: u32 = 0; i < rest; i += 16) v128.store(at + i, v128.load(source + i))
  at += rest
  if (<u32>(at - plain) >= blockBytes) flush()
}

/** Compresses whole blocks; what is left of a block moves to the front. */
function flush(): void {
  let from = plain
  while (<u32>(at - from) >= blockBytes) {
    outputAt = encodeBlock(from, blockBytes, outputAt)
    from += blockBytes
  }
  if (from == plain) return
  memory.copy(plain, from, at - from)
  at -= from - plain
}

function varintBytes(value: u32): u32 {
  // Seven bits a byte: (bits + 6) / 7, by a multiplication that is exact up to 32 bits.
  return ((38 - <u32>clz(value | 1)) * 37) >> 8
}

/** Five bytes, of which as many count as the value takes. */
function writeVarint(value: u32): void {
  const length = varintBytes(value)
  const more = <u64>0x80808080 & (((<u64>1) << ((length - 1) << 3)) - 1)
  store<u64>(at, spread(value) | more)
  at += length
}

/** A tag was written at `at`: the length behind it is longer than it must be. */
function writePadded(value: u32): void {
  store<u64>(at, spread(value) | 0x80808080, 1)
  at += 1 + paddedBytes
}

/** Seven bits in each byte. */
function spread(value: u32): u64 {
  const bits = <u64>value
  return (
    (bits & 0x7f) |
    ((bits & 0x3f80) << 1) |
    ((bits & 0x1fc000) << 2) |
    ((bits & 0xfe00000) << 3) |
    ((bits & 0xf0000000) << 4)
  )
}
