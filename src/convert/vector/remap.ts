import { re2Problem } from '../../lib/re2.ts'
import type { Chain } from '../chain.ts'
import { InputNode } from '../input-node.ts'
import { strptime } from '../strptime.ts'
import { conditionOf } from './condition.ts'
import { isField, templateOf } from './event.ts'
import { type ParsedBy, parserOf } from './parsers.ts'
import { type Expression, parseProgram, type Statement } from './vrl.ts'

interface Program {
  readonly chain: Chain
  readonly node: InputNode
  /** Calls of parsers that are kept in variables. */
  readonly variables: Map<string, ParsedBy>
}

/** Statement by statement; what is not understood is a gap with its text. */
export function applyRemap(node: InputNode, chain: Chain): void {
  run(parseProgram(node.text()), { chain, node, variables: new Map() })
}

function run(statements: readonly Statement[], program: Program): void {
  for (const statement of statements) {
    const { node, chain } = program
    // A program of several lines begins behind its key.
    const first = node.line === undefined ? undefined : node.line + (node.text().includes('\n') ? 1 : 0)
    const place = new InputNode(statement.text, {
      path: node.path,
      line: first === undefined ? undefined : first + statement.line,
    })
    const isDone = apply(statement, { ...program, node: place })
    if (!isDone)
      chain.draft.gap(
        place,
        `"${statement.text.replace(/\s+/g, ' ')}" is not understood`,
        'use transforms of type parse, fields, template, filter or route',
      )
  }
}

function apply(statement: Statement, program: Program): boolean {
  switch (statement.kind) {
    case 'unread':
      return false
    case 'if':
      return applyIf(statement, program)
    case 'assign':
      return assign(statement, program)
    case 'expression':
      return applyCall(statement.value, program)
  }
}

function applyCall(value: Expression, { chain, node }: Program): boolean {
  // The value of the program, which is the event, is often written at its end.
  if (value.kind === 'path' && value.name === '') return true
  if (value.kind !== 'call' || value.name !== 'del') return false
  const path = value.args[0]?.value
  if (path?.kind !== 'path' || path.name === '' || path.name === 'message') return false
  if (isField(path.name)) chain.then('fields', node, { remove: [path.name, `${path.name}.*`] }, `${chain.name}_removed`)
  else
    chain.draft.note(
      node,
      `"${path.name}" is of where lines come from, and is not taken away; labels of the sink say what is sent`,
    )
  return true
}

function assign({ target, sign, value }: Extract<Statement, { kind: 'assign' }>, program: Program): boolean {
  const { chain, node, variables } = program
  if (target.kind === 'word') {
    const parser = parserOf(value)
    if (parser !== undefined) variables.set(target.name, parser)
    return parser !== undefined
  }
  if (target.kind !== 'path') return false
  const parser = parsedIn(value, target.name, variables)
  if (parser !== undefined) return parse(parser, target.name, program)
  if (sign !== '=' || target.name === '') return false
  if (target.name === 'timestamp') return setTime(value, program)
  if (value.kind === 'call' && (value.name === 'replace' || value.name === 'redact')) return redact(value, program)
  const moved = value.kind === 'call' && value.name === 'del' ? value.args[0]?.value : undefined
  const template = templateOf(moved ?? value)
  if (template === undefined) return false
  if (target.name === 'message') chain.then('template', node, { text: template })
  else if (!isField(target.name)) return false
  else if (moved?.kind === 'path' && isField(moved.name)) {
    chain.then('fields', node, { rename: { [moved.name]: target.name } })
    return true
  } else chain.then('fields', node, { set: { [target.name]: template } })
  if (moved?.kind === 'path' && isField(moved.name))
    chain.then('fields', node, { remove: [moved.name] }, `${chain.name}_removed`)
  return true
}

/** `parse_json!(.message)`, a variable with it, or `merge(., that)`. */
function parsedIn(value: Expression, target: string, variables: ReadonlyMap<string, ParsedBy>): ParsedBy | undefined {
  if (value.kind === 'word') return variables.get(value.name)
  if (value.kind !== 'call' || value.name !== 'merge') return parserOf(value)
  const [into, other] = value.args.map((arg) => arg.value)
  return into?.kind === 'path' && into.name === target && other !== undefined
    ? parsedIn(other, target, variables)
    : undefined
}

function parse({ options, from, renamed }: ParsedBy, target: string, { chain, node }: Program): boolean {
  if (from !== 'message' && !isField(from)) return false
  if (typeof options.pattern === 'string' && options.format === 'regex' && re2Problem(options.pattern) !== undefined)
    return false
  const prefix = target === '' || (target === from && from === 'message') ? '' : `${target}.`
  chain.then('parse', node, { ...options, ...(from !== 'message' && { from }), ...(prefix !== '' && { prefix }) })
  const rename = Object.entries(renamed).map(([old, name]) => [prefix + old, prefix + name])
  if (rename.length > 0)
    chain.then('fields', node, { rename: Object.fromEntries(rename) as Record<string, string> }, `${chain.name}_names`)
  const hasMessage = options.format !== 'regex' || String(options.pattern).includes('<message>')
  if (prefix !== '' || !hasMessage || options.format === 'combined' || options.format === 'clf') return true
  // What was found takes the place of what the event had, its message too.
  chain.then('template', node, { text: '{fields.message}' }, `${chain.name}_message`)
  chain.then('fields', node, { remove: ['message'] }, `${chain.name}_message_moved`)
  return true
}

function setTime(value: Expression, { chain, node }: Program): boolean {
  if (value.kind !== 'call') return false
  const [of, format] = value.args.map((arg) => arg.value)
  if (of?.kind !== 'path' || !isField(of.name)) return false
  const isUnix = value.name === 'from_unix_timestamp'
  if (!isUnix && (value.name !== 'parse_timestamp' || format?.kind !== 'text')) return false
  const written = format?.kind === 'text' ? format.value : ''
  // chrono's names for what strptime has no short one for.
  const pattern = strptime(
    written
      .replace(/%\.\d?f/, '.%f')
      .replace('%:z', '%z')
      .replace(/%[369]f/, '%f'),
  )
  const known = isUnix ? 'unix' : written === '%+' ? 'rfc3339' : pattern
  if (known === undefined) return false
  chain.then('timestamp', node, { fields: [of.name], formats: [known], outside: 'keep' })
  return true
}

function redact({ name, args }: Extract<Expression, { kind: 'call' }>, { chain, node }: Program): boolean {
  const given = args
    .slice(1)
    .map(({ value }) => value)
    .flatMap((value) => (value.kind === 'list' ? value.items : [value]))
  const patterns = name === 'redact' ? given : given.slice(0, 1)
  const regexes = patterns.map((value) =>
    value.kind === 'regex' && re2Problem(value.value) === undefined ? value.value : undefined,
  )
  if (regexes.length === 0 || regexes.includes(undefined)) return false
  const replacement = given[1]?.kind === 'text' ? given[1].value : '[REDACTED]'
  chain.then('redact', node, { rules: [], patterns: regexes.map((regex) => ({ name: 'replaced', regex })) })
  chain.draft.gap(
    node,
    `in lines and all fields a match becomes "[redacted replaced]", not "${replacement}"`,
    'give the pattern a telling name in redact',
  )
  return true
}

function applyIf({ condition, body, others }: Extract<Statement, { kind: 'if' }>, program: Program): boolean {
  const { chain, node } = program
  // Parsers that fail leave lines as they are: what is done when they do not is done.
  if (condition.kind === 'binary' && condition.left.kind === 'word' && /^err/.test(condition.left.name)) {
    if (condition.sign === '==') run(body, program)
    else run(others, program)
    return (condition.sign === '==' ? others : body).length === 0
  }
  const [only, ...more] = body
  const isAbort =
    more.length === 0 && only?.kind === 'expression' && only.value.kind === 'word' && only.value.name === 'abort'
  const where = conditionOf(condition, isAbort)
  if (where === undefined) return false
  if (isAbort) {
    chain.then('filter', node, { where })
    run(others, program)
    return true
  }
  const id = chain.then('route', node, { routes: { met: { where } } }, `${chain.name}_if`)
  const ways = [
    ['met', body],
    ['default', others],
  ] as const
  const ends = ways.map(([name, statements]) => {
    const branch = chain.branch([`${id}.${name}`], id)
    run(statements, { ...program, chain: branch })
    return branch
  })
  chain.inputs = ends.flatMap(({ inputs }) => inputs)
  chain.hasParted = true
  return true
}
