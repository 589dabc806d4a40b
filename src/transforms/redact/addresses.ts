import { isIPv6 } from 'node:net'
import { endOfRun, isAlnum, isDigit, isHexOrColon, isWord, nextRun } from './bytes.ts'
import type { Finds } from './finds.ts'
import type { Line } from './line.ts'

const dot = 0x2e
const colon = 0x3a
/** The shortest is `::1`, the longest has 45 characters. */
const addressLike = { isIn: isHexOrColon, least: 3 }
const maxLength = 45

/** Adds the IP addresses in the line. */
export function findAddresses({ bytes, from, to }: Line, finds: Finds, rule: number): void {
  for (let run = nextRun(bytes, from, to, addressLike); run !== -1; ) {
    const end = endOfRun(bytes, run, to, isHexOrColon)
    for (let at = run; at < end; ) {
      const addressEnd = isBegin(bytes, at, from) ? endOfAddress(bytes, at, to) : -1
      if (addressEnd !== -1) finds.add(at, addressEnd, rule)
      at = addressEnd === -1 ? at + 1 : addressEnd
    }
    run = nextRun(bytes, end, to, addressLike)
  }
}

/** Not within a word, nor behind a dot, as in a version of five parts. */
function isBegin(bytes: Uint8Array, at: number, from: number): boolean {
  return at === from || (isWord[bytes[at - 1]!] === 0 && bytes[at - 1] !== dot)
}

function endOfAddress(bytes: Buffer, from: number, limit: number): number {
  const end = isDigit[bytes[from]!] === 1 ? endOfIPv4(bytes, from, limit) : -1
  return end === -1 ? endOfIPv6(bytes, from, limit) : end
}

function endOfIPv4(bytes: Uint8Array, from: number, limit: number): number {
  let at = from
  for (let part = 0; part < 4; part++) {
    if (part > 0) {
      if (bytes[at] !== dot) return -1
      at += 1
    }
    let value = 0
    const begin = at
    for (; at < limit && at - begin < 3 && isDigit[bytes[at]!] === 1; at++) value = value * 10 + bytes[at]! - 0x30
    if (at === begin || value > 255) return -1
  }
  if (at === limit) return at
  const isLonger = isWord[bytes[at]!] === 1 || (bytes[at] === dot && at + 1 < limit && isAlnum[bytes[at + 1]!] === 1)
  return isLonger ? -1 : at
}

/** A text is made only of what has as many colons as an address. */
function endOfIPv6(bytes: Buffer, from: number, limit: number): number {
  let end = endOfRun(bytes, from, Math.min(limit, from + maxLength + 1), isHexOrColon)
  if (end < limit && isWord[bytes[end]!] === 1) return -1
  while (end > from && (bytes[end - 1] === dot || (bytes[end - 1] === colon && bytes[end - 2] !== colon))) end -= 1
  let colons = 0
  let isShortened = false
  for (let at = from; at < end; at++) {
    if (bytes[at] !== colon) continue
    colons += 1
    isShortened ||= at > from && bytes[at - 1] === colon
  }
  if (end - from < addressLike.least || (colons < 6 && !isShortened)) return -1
  return isIPv6(bytes.toString('latin1', from, end)) ? end : -1
}
