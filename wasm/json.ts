/**
 * Lines as JSON records in WebAssembly with SIMD (AssemblyScript), the same bytes as src/batch/json/plain-records.ts writes. A record is
 *
 *     before time between text tail
 *
 * where `text` is a line escaped for JSON (RFC 8259), 16 bytes looked through at a time, `time` is RFC 3339 or nanoseconds since 1970, and a tail is the same for all
 * lines of a stream. Up to 15 bytes beyond the end of an area may be read or written.
 */

const inputBytes = 1 << 20
const outputBytes = 1 << 19
const rowCount = 1024
const tailsBytes = 1 << 17
const wordBytes = 64
const slackBytes = 32
/** start u32, end u32, nanos u32, tail u32, tail bytes u32, spare u32, seconds f64 */
const rowBytes = 32
/** A byte becomes six at the most. */
const maxExpansion = 6
/** Seconds have ten digits up to the year 2286, and 20 in any case. */
const maxTimeBytes = 40

const input: usize = memory.data(inputBytes + slackBytes, 16)
const output: usize = memory.data(outputBytes + slackBytes, 16)
const rows: usize = memory.data(rowCount * rowBytes, 16)
const tails: usize = memory.data(tailsBytes + slackBytes, 16)
const before: usize = memory.data(wordBytes + slackBytes, 16)
const between: usize = memory.data(wordBytes + slackBytes, 16)
const ends: usize = memory.data(rowCount * 4, 16)
/** What each byte of ASCII becomes: 0 itself, 1 `\u00xx`, otherwise a backslash and that letter. */
const escapes: usize = memory.data(128, 16)
const pairs: usize = memory.data(200, 16)

for (let byte: u32 = 0; byte < 32; byte++) store<u8>(escapes + byte, 1)
store<u8>(escapes + 8, 98)
store<u8>(escapes + 9, 116)
store<u8>(escapes + 10, 110)
store<u8>(escapes + 12, 102)
store<u8>(escapes + 13, 114)
store<u8>(escapes + 34, 34)
store<u8>(escapes + 92, 92)
for (let pair: u32 = 0; pair < 100; pair++) {
  store<u8>(pairs + (pair << 1), <u8>(48 + pair / 10))
  store<u8>(pairs + (pair << 1), <u8>(48 + (pair % 10)), 1)
}

export function inputAt(): usize {
  return input
}
export function inputSize(): u32 {
  return inputBytes
}
export function outputAt(): usize {
  return output
}
export function rowsAt(): usize {
  return rows
}
export function mostRows(): u32 {
  return rowCount
}
export function tailsAt(): usize {
  return tails
}
export function tailsSize(): u32 {
  return tailsBytes
}
export function beforeAt(): usize {
  return before
}
export function betweenAt(): usize {
  return between
}
export function endsAt(): usize {
  return ends
}

let beforeBytes: usize = 0
let betweenBytes: usize = 0
let isNanoseconds = false

/** Of all records to come: the lengths of what was put before the time and between time and text, and the form of the time. */
export function form(beforeLength: u32, betweenLength: u32, hasNanoseconds: bool): void {
  beforeBytes = beforeLength
  betweenBytes = betweenLength
  isNanoseconds = hasNanoseconds
}

/** The second whose text is in `secondText`. */
let knownSecond: f64 = -1
const secondText: usize = memory.data(32, 16)

/**
 * Writes records of the rows from `first` up to `last` to the output, from its beginning, and where each ends to `ends`.
 * @returns the row that is not written: the output is full (it may be that it never fits), or its text is no UTF-8; or `last`.
 */
export function encode(first: u32, last: u32): u32 {
  let out = output
  const limit = output + outputBytes
  for (let row = first; row < last; row++) {
    const here = rows + row * rowBytes
    const from = input + load<u32>(here)
    const to = input + load<u32>(here, 4)
    const tailBytes: usize = load<u32>(here, 16)
    if (out + beforeBytes + maxTimeBytes + betweenBytes + (to - from) * maxExpansion + tailBytes > limit) return row
    let at = copy(before, beforeBytes, out)
    at = writeTime(load<f64>(here, 24), load<u32>(here, 8), at)
    at = writeText(from, to, copy(between, betweenBytes, at))
    if (at == 0) return row
    out = copy(tails + load<u32>(here, 12), tailBytes, at)
    store<u32>(ends + (row << 2), <u32>(out - output))
  }
  return last
}

/** Sixteen at a time, and up to fifteen too many. @returns where they end */
function copy(from: usize, length: usize, to: usize): usize {
  for (let done: usize = 0; done < length; done += 16) v128.store(to + done, v128.load(from + done))
  return to + length
}

function writeTime(second: f64, nanos: u32, to: usize): usize {
  if (second != knownSecond) makeSecondText(second)
  const length: usize = load<u8>(secondText, 31)
  v128.store(to, v128.load(secondText))
  store<u64>(to, load<u64>(secondText, 16), 16)
  const at = to + length
  const high = nanos / 10000
  const middle = high / 10000
  const upper = high - middle * 10000
  const lower = nanos - high * 10000
  store<u8>(at, <u8>(48 + middle))
  writeFour(upper, at + 1)
  writeFour(lower, at + 5)
  if (isNanoseconds) return at + 9
  store<u8>(at, 90, 9) // Z
  return at + 10
}

function writeFour(value: u32, at: usize): void {
  const hundreds = value / 100
  store<u16>(at, load<u16>(pairs + (hundreds << 1)))
  store<u16>(at, load<u16>(pairs + ((value - hundreds * 100) << 1)), 2)
}

/** `2026-11-23T12:48:58.`, or the seconds themselves; its length stands in byte 31. */
function makeSecondText(second: f64): void {
  knownSecond = second
  const total = <u64>second
  if (isNanoseconds) {
    let length: u32 = 1
    for (let rest = total; rest >= 10; rest /= 10) length++
    let rest = total
    for (let place = length; place > 0; place--) {
      store<u8>(secondText + place - 1, <u8>(48 + (rest % 10)))
      rest /= 10
    }
    store<u8>(secondText, <u8>length, 31)
    return
  }
  // From days to a date: Howard Hinnant, chrono-Compatible Low-Level Date Algorithms, civil_from_days.
  const days = <u32>(total / 86400) + 719468
  const within = <u32>(total % 86400)
  const era = days / 146097
  const dayOfEra = days - era * 146097
  const yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146096) / 365
  const dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
  const shifted = (5 * dayOfYear + 2) / 153
  const day = dayOfYear - (153 * shifted + 2) / 5 + 1
  const month = shifted < 10 ? shifted + 3 : shifted - 9
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  writeFour(year, secondText)
  writeTwo(month, 45, 4)
  writeTwo(day, 45, 7)
  writeTwo(within / 3600, 84, 10)
  writeTwo((within / 60) % 60, 58, 13)
  writeTwo(within % 60, 58, 16)
  store<u8>(secondText, 46, 19)
  store<u8>(secondText, 20, 31)
}

function writeTwo(value: u32, mark: u8, place: usize): void {
  store<u8>(secondText + place, mark)
  store<u16>(secondText + place + 1, load<u16>(pairs + (value << 1)))
}

/** @returns where the escaped text ends; 0 where the bytes are no UTF-8 */
function writeText(from: usize, to: usize, target: usize): usize {
  let here = from
  let out = target
  while (here < to) {
    const bytes = v128.load(here)
    const isControl = i8x16.eq(i8x16.min_u(bytes, i8x16.splat(31)), bytes)
    const isMark = v128.or(i8x16.eq(bytes, i8x16.splat(34)), i8x16.eq(bytes, i8x16.splat(92)))
    // The sign bit: what is not ASCII.
    let stops: u32 = i8x16.bitmask(v128.or(v128.or(isControl, isMark), bytes))
    const left = to - here
    if (left < 16) stops &= (1 << (<u32>left)) - 1
    v128.store(out, bytes)
    if (stops == 0) {
      const step = left < 16 ? left : 16
      here += step
      out += step
      continue
    }
    const clean = ctz(stops)
    here += clean
    out += clean
    const byte = load<u8>(here)
    if (byte < 128) {
      out = writeEscape(byte, out)
      here += 1
      continue
    }
    const length = lengthOfCharacter(here, to)
    if (length == 0) return 0
    store<u32>(out, load<u32>(here))
    here += length
    out += length
  }
  return out
}

function writeEscape(byte: u32, to: usize): usize {
  const escape = load<u8>(escapes + byte)
  store<u8>(to, 92)
  if (escape != 1) {
    store<u8>(to, escape, 1)
    return to + 2
  }
  store<u32>(to, 0x30303075, 1) // u000
  store<u8>(to, <u8>(48 + (byte >> 4)), 4)
  const low = byte & 15
  store<u8>(to, <u8>(low < 10 ? 48 + low : 87 + low), 5)
  return to + 6
}

/** Bytes of the character at `at`, which is not ASCII; 0 where it is none (The Unicode Standard, table 3-7). */
function lengthOfCharacter(at: usize, to: usize): usize {
  const left = to - at
  const first = load<u8>(at)
  const second = load<u8>(at, 1)
  if (first < 0xc2 || first > 0xf4 || left < 2 || (second & 0xc0) != 0x80) return 0
  if (first < 0xe0) return 2
  if (left < 3 || (load<u8>(at, 2) & 0xc0) != 0x80) return 0
  if (first < 0xf0) {
    if ((first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f)) return 0
    return 3
  }
  if (left < 4 || (load<u8>(at, 3) & 0xc0) != 0x80) return 0
  if ((first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f)) return 0
  return 4
}
