/**
 * The scanner of src/log-file in WebAssembly with SIMD (AssemblyScript): reads records as Docker writes them, in the grammar of plain-scanner.ts,
 * and stops at any other. 16 bytes at a time are looked through for the end of the text and for escapes, and copied in the same step.
 *
 * Memory beyond an area may be read and written by 16 bytes; the layout in scan-memory.ts leaves room. Behind the input are zeros, which no text
 * contains: so the end of the input needs no check of its own. What stands behind the end of a read may be looked at; a record counts only when
 * all of it lies before.
 */

/** What is handed over at the start: where the areas are. */
let input: usize = 0
let output: usize = 0
let startColumn: usize = 0
let endColumn: usize = 0
let secondsColumn: usize = 0
let nanosColumn: usize = 0
let nextColumn: usize = 0
let kindColumn: usize = 0

/** Two words that say where a scan ended: in the input, and in the output. */
const ends: usize = memory.data(8, 8)

export function endsAt(): usize {
  return ends
}

/** Where memory begins that nothing of this module is in. */
export function areasFrom(): usize {
  return __heap_base
}

export function place(
  inputAt: usize,
  outputAt: usize,
  startAt: usize,
  endAt: usize,
  secondsAt: usize,
  nanosAt: usize,
  nextAt: usize,
  kindAt: usize,
): void {
  input = inputAt
  output = outputAt
  startColumn = startAt
  endColumn = endAt
  secondsColumn = secondsAt
  nanosColumn = nanosAt
  nextColumn = nextAt
  kindColumn = kindAt
}

/** Results of a function besides what it returns: where the output ends, and what the time is. */
let written: usize = 0
let seconds: f64 = 0
let nanos: u32 = 0

/** The first 16 bytes of the last time, up to its minute, and the seconds since 1970 that they are; at first `1970-01-01T00:00`. */
let minuteLow: u64 = 0x2d31302d30373931
let minuteHigh: u64 = 0x30303a3030543130
let minuteSeconds: f64 = 0

/** For each set of bytes to leave out of eight: which bytes stay, in order. */
const packing: usize = memory.data(2048, 8)

for (let left: u32 = 0; left < 256; left++) {
  let at = packing + (left << 3)
  for (let i: u32 = 0; i < 8; i++) if (((left >> i) & 1) == 0) store<u8>(at++, <u8>i)
}

/**
 * Reads records from `from` to `to` into the rows from `firstRow` up to `maxRows`, and their texts to the output from `outputFrom`. Leaves
 * where it stopped, which is where a record begins, and where the output ends, in the two words of `ends`.
 * @returns the row after the last.
 */
export function scan(from: u32, to: u32, firstRow: u32, maxRows: u32, outputFrom: u32): u32 {
  const end = input + to
  let row = firstRow
  let here = input + from
  let textAt = output + outputFrom
  while (row < maxRows && here < end && load<u64>(here) == 0x223a22676f6c227b) {
    // `{"log":"`
    const closing = readText(here + 8, textAt)
    if (closing == 0) break
    let textEnd = written
    // `","stream":"` and `stdout",` or `stderr",`
    if (load<u64>(closing) != 0x6165727473222c22 || load<u32>(closing, 8) != 0x223a226d) break
    const stream = load<u64>(closing, 12)
    if (stream != 0x2c2274756f647473 && stream != 0x2c22727265647473) break
    let timeKey = closing + 20
    // `"attrs":`
    if (load<u64>(timeKey) == 0x3a22737274746122) timeKey = passAttributes(timeKey + 8)
    // `"time":"`
    if (timeKey == 0 || load<u64>(timeKey) != 0x223a22656d697422) break
    const next = readTime(timeKey + 8)
    if (next == 0 || next > end) break
    let kind: u32 = stream == 0x2c2274756f647473 ? 1 : 2
    if (textEnd > textAt && load<u8>(textEnd - 1) == 10) {
      textEnd -= 1
      kind |= 4
    }
    store<u32>(startColumn + (row << 2), <u32>(textAt - output))
    store<u32>(endColumn + (row << 2), <u32>(textEnd - output))
    store<f64>(secondsColumn + (row << 3), seconds)
    store<u32>(nanosColumn + (row << 2), nanos)
    store<u32>(nextColumn + (row << 2), <u32>(next - input))
    store<u8>(kindColumn + row, <u8>kind)
    row += 1
    here = next
    textAt = textEnd
  }
  store<u32>(ends, <u32>(here - input))
  store<u32>(ends, <u32>(textAt - output), 4)
  return row
}

/** Unescapes a text to `to`, and leaves where it ends there in `written`. @returns where its closing quote is; 0 where it is no text. */
function readText(from: usize, to: usize): usize {
  let here = from
  let out = to
  /** 1 where the first of the next 16 bytes follows the backslash of its escape. */
  let carry: u32 = 0
  while (true) {
    const bytes = v128.load(here)
    const isBackslash = i8x16.eq(bytes, i8x16.splat(92))
    const isQuote = i8x16.eq(bytes, i8x16.splat(34))
    const isControl = i8x16.eq(i8x16.min_u(bytes, i8x16.splat(31)), bytes)
    if (carry == 0 && !v128.any_true(v128.or(v128.or(isBackslash, isQuote), isControl))) {
      v128.store(out, bytes)
      here += 16
      out += 16
      continue
    }
    const backslashes: u32 = i8x16.bitmask(isBackslash)
    const quotes: u32 = i8x16.bitmask(isQuote)
    // Which bytes are escaped: as in simdjson (Langdale, Lemire: Parsing Gigabytes of JSON per Second, 3.1.1).
    const free = backslashes & ~carry
    const follows = (free << 1) | carry
    const oddStarts = free & 0xaaaaaaaa & ~follows
    const escaped = (0x55555555 ^ ((oddStarts + free) << 1)) & follows
    // Where the backslash is all that goes, bytes move together: those that stay of the lower eight, and of the upper eight behind them.
    const left = free & ~escaped
    const low = left & 255
    const lows = load<u64>(packing + (low << 3))
    const highs = load<u64>(packing + ((left >> 8) << 3)) + 0x0808080808080808
    const packed = i8x16.swizzle(bytes, i64x2.replace_lane(i64x2.splat(lows), 1, highs))
    v128.store64_lane(out, packed, 0)
    v128.store64_lane(out + 8 - popcnt(low), packed, 1)
    const others = escaped & ~(quotes | backslashes) & 0xffff
    const stops = (quotes & ~escaped) | others | <u32>i8x16.bitmask(isControl)
    if (stops == 0) {
      here += 16
      out += 16 - popcnt(left)
      carry = escaped >> 16
      continue
    }
    const length = ctz(stops)
    here += length
    out += length - popcnt(left & ((1 << length) - 1))
    if (((others >> length) & 1) == 0) {
      written = out
      return load<u8>(here) == 34 ? here : 0
    }
    carry = 0
    if (load<u8>(here) == 110) {
      store<u8>(out, 10)
      out += 1
      here += 1
      // The end of nearly every text.
      if (load<u8>(here) != 34) continue
      written = out
      return here
    }
    here = unescape(here, out)
    if (here == 0) return 0
    out = written
  }
  return 0
}

/** Unescapes what stands behind a backslash to `to`, and leaves where it ends there in `written`. @returns the place behind; 0 where it is no escape. */
function unescape(from: usize, to: usize): usize {
  const letter = load<u8>(from)
  if (letter != 117) {
    let value: u8 = 0
    if (letter == 116) value = 9
    else if (letter == 114) value = 13
    else if (letter == 98) value = 8
    else if (letter == 102) value = 12
    else if (letter == 47) value = 47
    else return 0
    store<u8>(to, value)
    written = to + 1
    return from + 1
  }
  const unit = unitAt(from + 1)
  if (unit < 0) return 0
  if ((unit & 0xf800) != 0xd800) {
    written = writeCharacter(to, unit)
    return from + 5
  }
  const low = unit < 0xdc00 && load<u16>(from, 5) == 0x755c ? unitAt(from + 7) : -1
  if (low < 0xdc00 || low > 0xdfff) {
    written = writeCharacter(to, 0xfffd)
    return from + 5
  }
  written = writeCharacter(to, 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00))
  return from + 11
}

/** The four hexadecimal digits at `from`; -1 where there are none. */
function unitAt(from: usize): i32 {
  let unit: i32 = 0
  for (let at = from; at < from + 4; at++) {
    const byte: u32 = load<u8>(at)
    let digit = byte - 48
    if (digit > 9) {
      digit = (byte | 32) - 97
      if (digit > 5) return -1
      digit += 10
    }
    unit = (unit << 4) | digit
  }
  return unit
}

/** Writes a character in UTF-8. @returns the place behind. */
function writeCharacter(to: usize, code: i32): usize {
  if (code < 0x80) {
    store<u8>(to, <u8>code)
    return to + 1
  }
  if (code < 0x800) {
    store<u8>(to, <u8>(0xc0 | (code >> 6)))
    store<u8>(to, <u8>(0x80 | (code & 63)), 1)
    return to + 2
  }
  if (code < 0x10000) {
    store<u8>(to, <u8>(0xe0 | (code >> 12)))
    store<u8>(to, <u8>(0x80 | ((code >> 6) & 63)), 1)
    store<u8>(to, <u8>(0x80 | (code & 63)), 2)
    return to + 3
  }
  store<u8>(to, <u8>(0xf0 | (code >> 18)))
  store<u8>(to, <u8>(0x80 | ((code >> 12) & 63)), 1)
  store<u8>(to, <u8>(0x80 | ((code >> 6) & 63)), 2)
  store<u8>(to, <u8>(0x80 | (code & 63)), 3)
  return to + 4
}

/** @returns where `"time"` begins behind the object that begins at `from`; 0 where that is not pairs of strings without escapes. */
function passAttributes(from: usize): usize {
  if (load<u8>(from) != 123) return 0
  let here = from
  do {
    here = passString(here + 1)
    if (here == 0 || load<u8>(here) != 58) return 0
    here = passString(here + 1)
    if (here == 0) return 0
  } while (load<u8>(here) == 44)
  // `},`
  return load<u16>(here) == 0x2c7d ? here + 2 : 0
}

/** @returns the place behind a string without escapes; 0 where there is none. */
function passString(from: usize): usize {
  if (load<u8>(from) != 34) return 0
  let here = from + 1
  while (true) {
    const bytes = v128.load(here)
    const isQuote = i8x16.eq(bytes, i8x16.splat(34))
    const isOther = v128.or(i8x16.eq(bytes, i8x16.splat(92)), i8x16.eq(i8x16.min_u(bytes, i8x16.splat(31)), bytes))
    const stops: u32 = i8x16.bitmask(v128.or(isQuote, isOther))
    if (stops == 0) {
      here += 16
      continue
    }
    here += ctz(stops)
    return load<u8>(here) == 34 ? here + 1 : 0
  }
  return 0
}

/** Reads a time and what ends a record; leaves `seconds` and `nanos`. @returns the place behind; 0 where it is no such time. */
function readTime(from: usize): usize {
  if ((load<u64>(from) != minuteLow || load<u64>(from, 8) != minuteHigh) && !readMinute(from)) return 0
  const second = pairAt(from + 17)
  if (load<u8>(from, 16) != 58 || second > 60) return 0
  seconds = minuteSeconds + <f64>second
  nanos = 0
  let behind = from + 19
  if (load<u8>(behind) == 46) {
    let digits = load<u64>(behind, 1) ^ 0x3030303030303030
    // The first byte above 9 sets its highest bit; a carry harms only bytes behind it.
    const others = ((digits + 0x7676767676767676) | digits) & 0x8080808080808080
    let count: u32 = 8
    if (others != 0) {
      count = <u32>(ctz(others) >> 3)
      if (count == 0) return 0
      digits &= ((<u64>1) << (count << 3)) - 1
    }
    // Eight digits to a number in three steps: pairs, fours, all.
    digits = (digits * 2561) >> 8
    digits = ((digits & 0x00ff00ff00ff00ff) * 6553601) >> 16
    digits = ((digits & 0x0000ffff0000ffff) * 42949672960001) >> 32
    nanos = <u32>digits * 10
    if (count == 8) {
      const ninth = <u32>load<u8>(behind, 9) - 48
      if (ninth < 10) {
        nanos += ninth
        count = 9
      }
    }
    behind += 1 + count
  }
  // `Z"}` and a line feed
  return load<u32>(behind) == 0x0a7d225a ? behind + 4 : 0
}

/** Reads `YYYY-MM-DDTHH:MM`, which is kept: the times of many records begin alike. */
function readMinute(from: usize): bool {
  if (load<u8>(from, 4) != 45 || load<u8>(from, 7) != 45 || load<u8>(from, 10) != 84 || load<u8>(from, 13) != 58)
    return false
  const century = pairAt(from)
  const yearOfCentury = pairAt(from + 2)
  const month = pairAt(from + 5)
  const day = pairAt(from + 8)
  const hour = pairAt(from + 11)
  const minute = pairAt(from + 14)
  if (century > 99 || yearOfCentury > 99 || month - 1 > 11 || day - 1 > 30 || hour > 23 || minute > 59) return false
  const year = century * 100 + yearOfCentury
  if (year < 1970) return false
  minuteSeconds = <f64>daysSince1970(year, month, day) * 86400 + <f64>(hour * 3600 + minute * 60)
  minuteLow = load<u64>(from)
  minuteHigh = load<u64>(from, 8)
  return true
}

/** Years that begin in March, so that the day of a leap year comes last. */
function daysSince1970(year: u32, month: u32, day: u32): u32 {
  const years = month < 3 ? year - 1 : year
  const dayOfYear = (153 * (month < 3 ? month + 9 : month - 3) + 2) / 5 + day - 1
  return years * 365 + years / 4 - years / 100 + years / 400 + dayOfYear - 719468
}

/** Two decimal digits; above 99 where there are none. */
function pairAt(at: usize): u32 {
  const tens = <u32>load<u8>(at) - 48
  const ones = <u32>load<u8>(at, 1) - 48
  return tens < 10 && ones < 10 ? tens * 10 + ones : 100
}
