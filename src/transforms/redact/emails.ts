import { endOfRun, isDigit, isDomain, isLocalPart } from './bytes.ts'
import type { Finds } from './finds.ts'
import type { Line } from './line.ts'

/** So long is the part before the `@` at the most; the standard says 64. */
const maxLocalPart = 256
const atSign = 0x40
const dot = 0x2e
const dash = 0x2d

/** Adds the e-mail addresses in the line. */
export function findEmails({ bytes, from, to }: Line, finds: Finds, rule: number): void {
  let least = from
  for (let at = from; at < to; at++) {
    if (bytes[at] !== atSign) continue
    const begin = beginOfLocalPart(bytes, at, least)
    const end = endOfDomain(bytes, at + 1, to)
    if (begin === at || end === -1) continue
    finds.add(begin, end, rule)
    least = end
    at = end - 1
  }
}

function beginOfLocalPart(bytes: Uint8Array, at: number, least: number): number {
  const earliest = Math.max(least, at - maxLocalPart)
  let begin = at
  while (begin > earliest && isLocalPart[bytes[begin - 1]!] === 1) begin -= 1
  return begin
}

/** -1: it is no domain. `user@host` is as often a login as an address, and a last part of digits is the address of a host. */
function endOfDomain(bytes: Uint8Array, from: number, limit: number): number {
  let end = endOfRun(bytes, from, limit, isDomain)
  while (end > from && (bytes[end - 1] === dot || bytes[end - 1] === dash)) end -= 1
  let lastDot = end - 1
  while (lastDot > from && bytes[lastDot] !== dot) lastDot -= 1
  const hasTopLevel = lastDot > from && end - lastDot > 2 && endOfRun(bytes, lastDot + 1, end, isDigit) !== end
  return hasTopLevel && bytes[from] !== dot ? end : -1
}
