import { type Token, tokensOf } from './vrl-tokens.ts'

/** An expression of VRL, as far as it is read. */
export type Expression =
  | { readonly kind: 'text' | 'regex'; readonly value: string }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'word'; readonly name: string }
  /** The empty name is the whole event. */
  | { readonly kind: 'path'; readonly name: string }
  | { readonly kind: 'list'; readonly items: readonly Expression[] }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Argument[] }
  | { readonly kind: 'not'; readonly of: Expression }
  | { readonly kind: 'binary'; readonly sign: string; readonly left: Expression; readonly right: Expression }
export interface Argument {
  readonly name: string | undefined
  readonly value: Expression
}
export type Statement = { readonly text: string; readonly line: number } & (
  | { readonly kind: 'expression'; readonly value: Expression }
  | { readonly kind: 'assign'; readonly target: Expression; readonly sign: string; readonly value: Expression }
  | {
      readonly kind: 'if'
      readonly condition: Expression
      readonly body: readonly Statement[]
      readonly others: readonly Statement[]
    }
  | { readonly kind: 'unread' }
)

class NotReadError extends Error {}

/** Statements of a program; those that are not understood are there as their text. */
export function parseProgram(program: string): readonly Statement[] {
  return new Parser(program, tokensOf(program)).block(undefined)
}

/** A condition; undefined: it is not understood. */
export function parseCondition(text: string): Expression | undefined {
  const [statement, ...others] = parseProgram(text)
  return statement?.kind === 'expression' && others.length === 0 ? statement.value : undefined
}

const strengths: Readonly<Record<string, number>> = {
  '??': 1,
  '||': 2,
  '&&': 3,
  '==': 4,
  '!=': 4,
  '<': 5,
  '>': 5,
  '<=': 5,
  '>=': 5,
  '+': 6,
}

class Parser {
  readonly #program: string
  readonly #tokens: readonly Token[]
  #at = 0

  constructor(program: string, tokens: readonly Token[]) {
    this.#program = program
    this.#tokens = tokens
  }

  /** Up to `end`, which is taken. */
  block(end: string | undefined): readonly Statement[] {
    const statements: Statement[] = []
    for (;;) {
      while (this.#peek()?.kind === 'line' || this.#is(';')) this.#at++
      const token = this.#peek()
      if (token === undefined) return statements
      if (end !== undefined && this.#is(end)) {
        this.#at++
        return statements
      }
      statements.push(this.#statement(token))
    }
  }

  #statement(first: Token): Statement {
    const begin = this.#at
    const line = this.#program.slice(0, first.offset).split('\n').length - 1
    const rest = () => ({
      line,
      text: this.#program.slice(first.offset, this.#peek()?.offset ?? this.#program.length).trim(),
    })
    try {
      const read = this.#read()
      const next = this.#peek()
      if (next !== undefined && next.kind !== 'line' && !this.#is(';') && !this.#is('}')) throw new NotReadError()
      return { ...read, ...rest() } as Statement
    } catch (error) {
      if (!(error instanceof NotReadError)) throw error
      this.#at = begin
      this.#skip()
      return { kind: 'unread', ...rest() }
    }
  }

  /** To the end of a statement that is not understood. */
  #skip(): void {
    let depth = 0
    for (; this.#at < this.#tokens.length; this.#at++) {
      if (depth === 0 && (this.#peek()!.kind === 'line' || this.#is(';') || this.#is('}'))) return
      if (['(', '{', '['].some((sign) => this.#is(sign))) depth++
      if ([')', '}', ']'].some((sign) => this.#is(sign))) depth--
    }
  }

  #read(): object {
    if (this.#peek()?.text === 'if') return this.#if()
    const value = this.#expression(0)
    // `value, err = call()`
    if (this.#is(',') && this.#tokens[this.#at + 1]?.kind === 'name' && this.#tokens[this.#at + 2]?.text === '=')
      this.#at += 2
    const sign = this.#peek()?.text
    if (sign !== '=' && sign !== '|=') return { kind: 'expression', value }
    this.#at++
    this.#lines()
    return { kind: 'assign', target: value, sign, value: this.#expression(0) }
  }

  #if(): object {
    this.#at++
    const condition = this.#expression(0)
    this.#take('{')
    const body = this.block('}')
    if (this.#peek()?.text !== 'else') return { kind: 'if', condition, body, others: [] }
    this.#at++
    if (this.#peek()?.text === 'if') return { kind: 'if', condition, body, others: [this.#statement(this.#peek()!)] }
    this.#take('{')
    return { kind: 'if', condition, body, others: this.block('}') }
  }

  #expression(least: number): Expression {
    let left = this.#unary()
    for (;;) {
      const sign = this.#peek()?.text ?? ''
      const strength = this.#peek()?.kind === 'sign' ? strengths[sign] : undefined
      if (strength === undefined || strength <= least) return left
      this.#at++
      this.#lines()
      left = { kind: 'binary', sign, left, right: this.#expression(strength) }
    }
  }

  #unary(): Expression {
    if (!this.#is('!')) return this.#primary()
    this.#at++
    return { kind: 'not', of: this.#unary() }
  }

  #primary(): Expression {
    const token = this.#peek()
    this.#at++
    switch (token?.kind) {
      case 'regex':
        return { kind: 'regex', value: token.text.slice(2, -1).replaceAll("\\'", "'") }
      case 'raw':
        return { kind: 'text', value: token.text.slice(2, -1).replaceAll("\\'", "'") }
      case 'text':
        return { kind: 'text', value: unescaped(token.text) }
      case 'number':
        return { kind: 'number', value: Number(token.text) }
      case 'path':
        return { kind: 'path', name: token.text.slice(1).replace(/"((?:\\.|[^"\\])*)"/g, '$1') }
      case 'name':
        if (!this.#is('(')) return { kind: 'word', name: token.text }
        return { kind: 'call', name: token.text.replace(/!$/, ''), args: this.#args() }
      case 'sign':
        return this.#bracket(token.text)
      default:
        throw new NotReadError()
    }
  }

  #bracket(sign: string): Expression {
    if (sign === '(') {
      const inner = this.#expression(0)
      this.#take(')')
      return inner
    }
    if (sign !== '[') throw new NotReadError()
    const items = this.#listed(']').map(({ value }) => value)
    return { kind: 'list', items }
  }

  #args(): readonly Argument[] {
    this.#take('(')
    return this.#listed(')')
  }

  #listed(end: string): readonly Argument[] {
    const items: Argument[] = []
    this.#lines()
    while (!this.#is(end)) {
      const isNamed = this.#peek()?.kind === 'name' && this.#tokens[this.#at + 1]?.text === ':'
      const name = isNamed ? this.#peek()!.text : undefined
      if (isNamed) this.#at += 2
      items.push({ name, value: this.#expression(0) })
      this.#lines()
      if (!this.#is(end)) this.#take(',')
      this.#lines()
    }
    this.#at++
    return items
  }

  #lines(): void {
    while (this.#peek()?.kind === 'line') this.#at++
  }

  #take(sign: string): void {
    if (!this.#is(sign)) throw new NotReadError()
    this.#at++
  }

  #is(sign: string): boolean {
    const token = this.#peek()
    return token?.kind === 'sign' && token.text === sign
  }

  #peek(): Token | undefined {
    return this.#tokens[this.#at]
  }
}

function unescaped(quoted: string): string {
  try {
    return JSON.parse(quoted.replaceAll("\\'", "'")) as string
  } catch {
    throw new NotReadError()
  }
}
