import { Refusal } from './push.ts'

/** Whether a stream with these labels is meant. */
export type Matcher = (labels: Readonly<Record<string, string>>) => boolean

type Operator = '=' | '!=' | '=~' | '!~'

/**
 * Reads a stream selector of LogQL; throws a refusal where it is none, or selects everything.
 *
 *     selector = "{" matcher *( "," matcher ) "}"
 *     matcher  = name ( "=" / "!=" / "=~" / "!~" ) ( double-quoted / back-quoted )
 */
export function readSelector(text: string): Matcher {
  const inner = /^\{(.*)\}$/s.exec(text.trim())
  if (!inner) throw new Refusal(400, `parse error : syntax error: unexpected end of input in ${text}`)
  const matchers: { name: string; operator: Operator; value: string }[] = []
  let rest = inner[1]!.trim()
  while (rest !== '') {
    const one = /^([a-zA-Z_]\w*)\s*(=~|!~|!=|=)\s*("(?:[^"\\]|\\.)*"|`[^`]*`)\s*,?\s*/.exec(rest)
    if (!one) throw new Refusal(400, `parse error : syntax error: unexpected ${rest}`)
    const [whole, name, operator, quoted] = one
    const value = quoted!.startsWith('`') ? quoted!.slice(1, -1) : (JSON.parse(quoted!) as string)
    matchers.push({ name: name!, operator: operator as Operator, value })
    rest = rest.slice(whole.length)
  }
  if (matchers.every(({ operator, value }) => isMatch(operator, value, '')))
    throw new Refusal(
      400,
      'parse error : queries require at least one regexp or equality matcher that does not have an empty-compatible value. For instance, app=~".*" does not meet this requirement, but app=~".+" will',
    )
  return (labels) => matchers.every(({ name, operator, value }) => isMatch(operator, value, labels[name] ?? ''))
}

function isMatch(operator: Operator, value: string, label: string): boolean {
  switch (operator) {
    case '=':
      return label === value
    case '!=':
      return label !== value
    case '=~':
      return new RegExp(`^(?:${value})$`, 's').test(label)
    case '!~':
      return !new RegExp(`^(?:${value})$`, 's').test(label)
  }
}
