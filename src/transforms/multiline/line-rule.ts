import { RE2JS } from 're2js'
import { beginsSo, fixedBeginOf } from './fixed-begin.ts'
import { begins, contextBits, type LineRule, none, plain, presetNames, traceRule } from './traces.ts'
import type { Options } from './schema.ts'

/** What the options say of a line and the event before it. */
export function lineRuleOf(options: Pick<Options, 'presets' | 'start' | 'continue'>): LineRule {
  const { start, continue: more } = options
  const hasPatterns = start.length + more.length > 0
  const presets = options.presets ?? (hasPatterns ? [] : presetNames)
  const trace = presets.length > 0 ? traceRule(presets) : undefined
  if (!hasPatterns) return trace ?? (() => begins | plain)
  const isStart = matcherOf(start)
  const isMore = matcherOf(more)
  const otherwise = trace === undefined && more.length === 0 ? plain : begins | plain
  return (bytes, from, to, context) => {
    if (isStart?.(bytes, from, to)) return begins | ((trace?.(bytes, from, to, none) ?? plain) & contextBits)
    const traced = trace?.(bytes, from, to, context) ?? begins | plain
    if ((traced & begins) === 0) return traced
    if (isMore?.(bytes, from, to)) return context === none ? plain : context
    return trace === undefined ? otherwise : traced
  }
}

type Matcher = (bytes: Uint8Array, from: number, to: number) => boolean

/** A pattern is asked only where the first bytes do not decide; it is asked of a string of the line, which is several times faster than of its bytes. */
function matcherOf(patterns: readonly string[]): Matcher | undefined {
  if (patterns.length === 0) return undefined
  const asked = patterns.map((pattern) => ({ begin: fixedBeginOf(pattern), pattern: RE2JS.compile(pattern) }))
  return (bytes, from, to) => {
    let text: string | undefined
    for (const { begin, pattern } of asked) {
      if (begin !== undefined) {
        if (!beginsSo(bytes, from, to, begin)) continue
        if (begin.isAll) return true
      }
      text ??= (bytes as Buffer).toString('utf8', from, to)
      if (pattern.test(text)) return true
    }
    return false
  }
}
