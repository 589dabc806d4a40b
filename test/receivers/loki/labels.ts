import { Refusal } from './push.ts'

export interface LabelSet {
  /** Sorted, `{a="1", b="2"}`: what a stream is called in stores and messages. */
  readonly name: string
  readonly pairs: readonly (readonly [name: string, value: string])[]
}

/**
 * Reads the labels of a stream; throws a refusal, which takes the good streams of the push with it, when they are none.
 *
 *     labels = "{" [ pair *( "," pair ) [ "," ] ] "}"
 *     pair   = name "=" ( double-quoted, with escapes / back-quoted, without )
 */
export function readLabels(text: string): LabelSet {
  const pairs: (readonly [string, string])[] = []
  let at = skipBlanks(text, 0)
  if (text[at] !== '{') throw syntaxError(text, at)
  at = skipBlanks(text, at + 1)
  while (text[at] !== '}') {
    const pair = /^([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*("(?:[^"\\]|\\.)*"|`[^`]*`)\s*/.exec(text.slice(at))
    if (!pair) throw syntaxError(text, at)
    pairs.push([pair[1]!, unquote(pair[2]!)])
    at += pair[0].length
    if (text[at] === ',') at = skipBlanks(text, at + 1)
    else if (text[at] !== '}') throw syntaxError(text, at)
  }
  if (skipBlanks(text, at + 1) !== text.length) throw syntaxError(text, at + 1)
  pairs.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  return { name: `{${pairs.map(([name, value]) => `${name}=${quote(value)}`).join(', ')}}`, pairs }
}

export function quote(text: string): string {
  return JSON.stringify(text)
}

function unquote(text: string): string {
  if (text.startsWith('`')) return text.slice(1, -1)
  // Escapes that the two languages do not share.
  const shared = text.replaceAll(/\\(x[0-9a-fA-F]{2}|a|v|')/g, (_, code: string) =>
    code.startsWith('x') ? `\\u00${code.slice(1)}` : { a: '\\u0007', v: '\\u000b', "'": "'" }[code]!,
  )
  try {
    return JSON.parse(shared) as string
  } catch {
    throw new Refusal(400, `couldn't parse labels: invalid quoted string ${text}`)
  }
}

function skipBlanks(text: string, from: number): number {
  let at = from
  while (text[at] === ' ' || text[at] === '\t' || text[at] === '\n') at++
  return at
}

function syntaxError(text: string, at: number): Refusal {
  const found = at < text.length ? quote(text[at]!) : 'end of input'
  return new Refusal(
    400,
    `couldn't parse labels: parse error at line 1, col ${at + 1}: syntax error: unexpected ${found}`,
  )
}
