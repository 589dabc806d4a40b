// Cost: that of the pattern, and a text for each line: 3 to 8 CPU seconds per million lines of 165 bytes (node bench/shape.mjs), a tenth of that where a pattern with ^ does not match.
// re2js takes ten times longer for a pattern of more than 500 steps: what is in grok/patterns.ts is kept short.
import type { RE2JS } from 're2js'
import { valueKinds } from '../../batch/fields/fields.ts'
import { FixedNames } from './fixed-names.ts'
import { setNumber } from './scan.ts'
import type { Parser, Target } from './target.ts'

/** A group of a pattern that is a field. */
export interface Capture {
  readonly group: number
  readonly name: string
  readonly isNumber: boolean
}

/** Looks for the pattern anywhere in the text; groups that took part become fields. */
export function capturesParser(pattern: RE2JS, captures: readonly Capture[]): Parser {
  const names = new FixedNames(captures.map(({ name }) => name))
  // A matcher would search twice: for the whole, and for its groups.
  const search = pattern.re2()
  let wasFound = true
  return (bytes, from, to, target) => {
    const text = bytes.toString('utf8', from, to)
    // Whether a line matches costs a tenth of where its groups are, if it does not; the answer mostly is that of the line before.
    if (!wasFound && !pattern.test(text)) return false
    const places = search.findSubmatchIndex(text) as readonly number[] | null
    wasFound = places !== null
    if (places === null) return false
    const numbers = names.numbersIn(target)
    // Then each of its characters was a byte, and places are the same in both.
    const isByteForByte = text.length === to - from
    for (let i = 0; i < captures.length; i++) {
      const { group, isNumber } = captures[i]!
      const start = places[2 * group]!
      const end = places[2 * group + 1]!
      if (start < 0) continue
      if (isByteForByte) set(target, numbers[i]!, { bytes, from: from + start, to: from + end }, isNumber)
      else {
        const value = Buffer.from(text.slice(start, end))
        set(target, numbers[i]!, { bytes: value, from: 0, to: value.length }, isNumber)
      }
    }
    return true
  }
}

function set(
  target: Target,
  number: number,
  text: { readonly bytes: Buffer; readonly from: number; readonly to: number },
  isNumber: boolean,
): void {
  if (isNumber) setNumber(target, number, text)
  else target.set(number, valueKinds.text, text.bytes, text.from, text.to)
}
