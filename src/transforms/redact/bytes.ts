/** Classes of bytes as tables: 1 where the byte is of the class. Bytes above 127 are parts of letters. */
export const isWord = tableOf(/[A-Za-z0-9_]/, 1)
export const isDigit = tableOf(/[0-9]/)
export const isAlnum = tableOf(/[A-Za-z0-9]/)
export const isUpper = tableOf(/[A-Z0-9]/)
export const isUrlSafe = tableOf(/[A-Za-z0-9_-]/)
export const isUrlSafeOrDot = tableOf(/[A-Za-z0-9_.-]/)
export const isCredential = tableOf(/[A-Za-z0-9._~+/=-]/)
export const isLocalPart = tableOf(/[A-Za-z0-9._%+-]/, 1)
export const isDomain = tableOf(/[A-Za-z0-9.-]/, 1)
export const isDigitOrSeparator = tableOf(/[0-9 -]/)
export const isHexOrColon = tableOf(/[0-9A-Fa-f:.]/)

function tableOf(pattern: RegExp, aboveAscii: 0 | 1 = 0): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) =>
    byte < 128 ? Number(pattern.test(String.fromCharCode(byte))) : aboveAscii,
  )
}

/** Where the run of bytes of the class that begins at `from` ends, `limit` at the latest. */
export function endOfRun(bytes: Uint8Array, from: number, limit: number, isIn: Uint8Array): number {
  let at = from
  while (at < limit && isIn[bytes[at]!] === 1) at += 1
  return at
}

/** Bytes of a class, `least` of them or more in one piece. */
export interface RunOf {
  readonly isIn: Uint8Array
  readonly least: number
}

/**
 * Where the next such run begins; -1: there is none before `limit`. The byte that would be its last is looked at first: where that is of another class no run
 * can begin before it, so that of most lines only a small part is looked at, and no byte twice.
 */
export function nextRun(bytes: Uint8Array, from: number, limit: number, { isIn, least }: RunOf): number {
  let begin = from
  let known = from
  while (begin + least <= limit) {
    let at = begin + least - 1
    while (at >= known && isIn[bytes[at]!] === 1) at -= 1
    if (at < known) return begin
    known = begin + least
    begin = at + 1
  }
  return -1
}
