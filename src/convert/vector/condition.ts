import { celField, celOfTemplate, celTest, celText, type CelValue } from '../cel.ts'
import { re2Problem } from '../../lib/re2.ts'
import { isField, placeholderOf } from './event.ts'
import type { Expression } from './vrl.ts'

/** A condition of VRL as one of CEL; undefined: it asks what cannot be asked. */
export function conditionOf(expression: Expression, isNegated = false): string | undefined {
  const not = isNegated ? '!' : ''
  switch (expression.kind) {
    case 'not':
      return conditionOf(expression.of, !isNegated)
    case 'path':
      return comparison({ sign: '==', left: expression, right: { kind: 'word', name: 'true' } }, isNegated)
    case 'word':
      if (expression.name !== 'true' && expression.name !== 'false') return undefined
      return String((expression.name === 'true') !== isNegated)
    case 'call':
      return call(expression, not)
    case 'binary':
      break
    default:
      return undefined
  }
  const { sign, left, right } = expression
  // A call that fails: what it says then is what a line without the field says.
  if (sign === '??') return right.kind === 'word' && right.name === 'false' ? conditionOf(left, isNegated) : undefined
  if (sign !== '&&' && sign !== '||') return comparison(expression, isNegated)
  const parts = [conditionOf(left, isNegated), conditionOf(right, isNegated)]
  if (parts.includes(undefined)) return undefined
  const isAnd = (sign === '&&') !== isNegated
  return isAnd
    ? parts.map((part) => (part!.includes(' || ') ? `(${part!})` : part!)).join(' && ')
    : parts.map((part) => (part!.includes(' && ') ? `(${part!})` : part!)).join(' || ')
}

const opposites: Readonly<Record<string, string>> = {
  '==': '!=',
  '!=': '==',
  '<': '>=',
  '>': '<=',
  '<=': '>',
  '>=': '<',
}

function comparison(
  { sign, left, right }: { sign: string; left: Expression; right: Expression },
  isNegated: boolean,
): string | undefined {
  const value = valueOf(left)
  const literal = literalOf(right)
  if (value === undefined || literal === undefined || !Object.hasOwn(opposites, sign)) return undefined
  const asked = isNegated ? opposites[sign]! : sign
  if (literal === 'null') {
    if (value.present.length === 0) return String(asked === '!=')
    return `${asked === '==' ? '!' : ''}(${value.present.join(' && ')})`
  }
  return celTest(value, {
    ask: (text) => `${text} ${asked} ${literal}`,
    ofEmpty: sign === '==' || sign === '!=' ? asked === '!=' : isNegated,
  })
}

function literalOf(expression: Expression): string | undefined {
  if (expression.kind === 'text') return celText(expression.value)
  if (expression.kind === 'number') return String(expression.value)
  if (expression.kind === 'word' && ['true', 'false', 'null'].includes(expression.name)) return expression.name
  return undefined
}

function valueOf(expression: Expression, wanted: 'any' | 'text' = 'any'): CelValue | undefined {
  if (expression.kind === 'binary' && expression.sign === '??') return valueOf(expression.left, wanted)
  if (expression.kind === 'call') {
    const inner = expression.args[0]?.value
    if (inner === undefined) return undefined
    if (expression.name === 'string' || expression.name === 'to_string') return valueOf(inner, 'text')
    const number = { to_int: 'int', int: 'int', to_float: 'double', float: 'double' }[expression.name]
    const of = valueOf(inner)
    return number === undefined || of === undefined ? undefined : { ...of, value: `${number}(${of.value})` }
  }
  if (expression.kind !== 'path' || expression.name === '' || expression.name === 'timestamp') return undefined
  if (isField(expression.name) && wanted === 'any') return celField(expression.name)
  return celOfTemplate(placeholderOf(expression.name))
}

const searches: Readonly<Record<string, string>> = {
  contains: 'contains',
  starts_with: 'startsWith',
  ends_with: 'endsWith',
}

function call({ name, args }: Extract<Expression, { kind: 'call' }>, not: string): string | undefined {
  const [first, second] = args.filter((arg) => arg.name !== 'case_sensitive').map(({ value }) => value)
  if (first === undefined) return undefined
  const test = (value: CelValue | undefined, ask: (text: string) => string) =>
    value && celTest(value, { ask: (text) => not + ask(text), ofEmpty: not === '!' })
  if (name === 'exists' || name === 'is_null') {
    const value = valueOf(first)
    if (value === undefined) return undefined
    const isAsked = (name === 'exists') === (not === '')
    return value.present.length === 0 ? String(isAsked) : `${isAsked ? '' : '!'}(${value.present.join(' && ')})`
  }
  if (name === 'includes') {
    const value = second && valueOf(second)
    const items = first.kind === 'list' ? first.items.map(literalOf) : [undefined]
    if (value === undefined || items.includes(undefined)) return undefined
    return celTest(value, {
      ask: (text) => `${not === '!' ? '!(' : ''}${text} in [${items.join(', ')}]${not === '!' ? ')' : ''}`,
      ofEmpty: not === '!',
    })
  }
  if (name === 'match' && second?.kind === 'regex') {
    if (re2Problem(second.value) !== undefined) return undefined
    return test(valueOf(first, 'text'), (text) => `${text}.matches(${celText(second.value)})`)
  }
  if (!Object.hasOwn(searches, name) || second?.kind !== 'text') return undefined
  const isExact = !args.some(
    (arg) => arg.name === 'case_sensitive' && arg.value.kind === 'word' && arg.value.name === 'false',
  )
  if (isExact) return test(valueOf(first, 'text'), (text) => `${text}.${searches[name]!}(${celText(second.value)})`)
  const quoted = second.value.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  const pattern = `(?i)${name === 'starts_with' ? '^' : ''}${quoted}${name === 'ends_with' ? '$' : ''}`
  return test(valueOf(first, 'text'), (text) => `${text}.matches(${celText(pattern)})`)
}
