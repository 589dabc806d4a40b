import { valueKinds } from '../../batch/fields/fields.ts'
import { isDigit } from '../../lib/digits.ts'
import type { Target } from './target.ts'

const [blank, zero, plus, minus, dot] = [0x20, 0x30, 0x2b, 0x2d, 0x2e]

/** The place of the next blank; `to` where there is none. */
export function endOfWord(bytes: Uint8Array, from: number, to: number): number {
  return placeOf(blank, bytes, from, to)
}

/** The first place of a byte; `to` where there is none. */
export function placeOf(byte: number, bytes: Uint8Array, from: number, to: number): number {
  let at = from
  while (at < to && bytes[at] !== byte) at += 1
  return at
}

/** Where the text ends without blanks, tabs and carriage returns behind it. */
export function endOfText(bytes: Uint8Array, from: number, to: number): number {
  let end = to
  while (end > from && bytes[end - 1]! <= blank) end -= 1
  return end
}

/** Whether there are digits, and nothing else. */
export function isDigits(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (!isDigit(bytes[at])) return false
  return from < to
}

/** Takes a number, with its digits as they are; without a sign `+` and zeros before it, which JSON has not. What is none stays a text. */
export function setNumber(target: Target, name: number, text: { bytes: Buffer; from: number; to: number }): void {
  const { bytes, to } = text
  let { from } = text
  if (bytes[from] === plus) from += 1
  while (from + 1 < to && bytes[from] === zero && isDigit(bytes[from + 1])) from += 1
  if (isNumber(bytes, from, to)) target.set(name, valueKinds.number, bytes, from, to)
  else target.set(name, valueKinds.text, bytes, text.from, to)
}

/** A number as JSON has it, without an exponent. */
function isNumber(bytes: Uint8Array, from: number, to: number): boolean {
  const begin = bytes[from] === minus ? from + 1 : from
  const whole = placeOf(dot, bytes, begin, to)
  if (!isDigits(bytes, begin, whole) || (bytes[begin] === zero && whole > begin + 1)) return false
  return whole === to || isDigits(bytes, whole + 1, to)
}

/** `2016-10-06T00:17:09.669794202Z`, with any offset: whether the bytes have this form; a date that there is not is taken, too. */
export function isTime(bytes: Uint8Array, from: number, to: number): boolean {
  if (to - from < 20) return false
  for (let at = 0; at < form.length; at++) {
    const isRight = form[at] === zero ? isDigit(bytes[from + at]) : bytes[from + at] === form[at]
    if (!isRight) return false
  }
  for (let at = from + form.length; at < to; at++) if (!isOfZone(bytes[at]!)) return false
  return true
}

const form = Buffer.from('0000-00-00T00:00:00')

/** Fraction and offset: digits, `.`, `,`, `+`, `-`, `:`, `Z`. */
function isOfZone(byte: number): boolean {
  return (byte >= 0x2b && byte <= 0x2e) || (byte >= zero && byte <= 0x3a) || byte === 0x5a
}
