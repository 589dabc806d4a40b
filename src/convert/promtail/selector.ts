import { allOf, celOfTemplate, celTest, celText, isFoundIn } from '../cel.ts'
import { re2Problem } from '../../lib/re2.ts'

// selector = "{" [ matcher *( "," matcher ) ] "}" *( filter )
// matcher  = name ( "=" / "!=" / "=~" / "!~" ) text
// filter   = ( "|=" / "!=" / "|~" / "!~" ) text
const token = /\s*(?:([{},])|([A-Za-z_]\w*)|(\|=|\|~|!=|!~|=~|=)|("(?:\\.|[^"\\])*")|(`[^`]*`))/gy

/** A selector of LogQL as a condition, where `labels` says what each label is; or why it cannot be one. */
export function conditionOfSelector(
  selector: string,
  labels: ReadonlyMap<string, string>,
): { readonly where: string } | { readonly problem: string } {
  const words = wordsOf(selector)
  if (words?.[0] !== '{') return { problem: `"${selector}" is no selector that is known` }
  const conditions: string[] = []
  let i = 1
  for (; words[i] !== undefined && words[i] !== '}'; i += words[i + 3] === ',' ? 4 : 3) {
    const [name, operator, text] = [words[i]!, words[i + 1], textOf(words[i + 2])]
    const template = labels.get(name)
    if (template === undefined) return { problem: `the label "${name}" is not known here` }
    if (operator === undefined || text === undefined) return { problem: `"${selector}" is no selector that is known` }
    const condition = ofLabel(template, operator, text)
    if (condition === undefined) return { problem: `"${operator}${text}" cannot be asked` }
    if (condition !== 'true') conditions.push(condition)
  }
  for (i += 1; i < words.length; i += 2) {
    const text = textOf(words[i + 1])
    const condition = text === undefined ? undefined : ofLine(words[i]!, text)
    if (condition === undefined) return { problem: `"${words.slice(i).join(' ')}" of the selector is no line filter` }
    conditions.push(condition)
  }
  return { where: conditions.length === 0 ? 'true' : allOf(conditions) }
}

function ofLabel(template: string, operator: string, text: string): string | undefined {
  const isPattern = operator.endsWith('~')
  const isNegative = operator.startsWith('!')
  const whole = `^(?:${text})$`
  if (isPattern && re2Problem(whole) !== undefined) return undefined
  const holds = (value: string) => (isPattern ? isFoundIn(whole, value) : value === text) !== isNegative
  if (!template.includes('{')) return holds(template) ? 'true' : 'false'
  const ask = (value: string) => {
    if (!isPattern) return `${value} ${isNegative ? '!=' : '=='} ${celText(text)}`
    return `${isNegative ? '!' : ''}${value}.matches(${celText(whole)})`
  }
  return celTest(celOfTemplate(template), { ask, ofEmpty: holds('') })
}

function ofLine(operator: string, text: string): string | undefined {
  switch (operator) {
    case '|=':
      return `text.contains(${celText(text)})`
    case '!=':
      return `!text.contains(${celText(text)})`
    case '|~':
      return re2Problem(text) === undefined ? `text.matches(${celText(text)})` : undefined
    case '!~':
      return re2Problem(text) === undefined ? `!text.matches(${celText(text)})` : undefined
    default:
      return undefined
  }
}

function wordsOf(selector: string): readonly string[] | undefined {
  const words: string[] = []
  let end = 0
  for (const match of selector.matchAll(token)) {
    words.push(match[0].trim())
    end = match.index + match[0].length
  }
  return selector.slice(end).trim() === '' ? words : undefined
}

function textOf(word: string | undefined): string | undefined {
  if (word?.startsWith('`')) return word.slice(1, -1)
  if (word?.startsWith('"') !== true) return undefined
  try {
    return JSON.parse(word) as string
  } catch {
    return undefined
  }
}
