// A word of VRL: a regex r'..', a raw text s'..', a text "..", a path, a name with its !, a number, an operator, the end of a line.
const word =
  /[ \t]+|#[^\n]*|(r'(?:\\.|[^'\\])*')|(s'(?:\\.|[^'\\])*')|("(?:\\.|[^"\\])*")|(\.(?:(?:[A-Za-z_@][\w@]*|"(?:\\.|[^"\\])*")(?:\.(?:[A-Za-z_@][\w@]*|"(?:\\.|[^"\\])*"))*)?)|(\d+(?:\.\d+)?)|([A-Za-z_]\w*!?(?!=))|(\|=|\?\?|==|!=|>=|<=|&&|\|\||[=<>!+(){}[\],:;\-*/])|(\n)/gy

export type TokenKind = 'regex' | 'raw' | 'text' | 'path' | 'number' | 'name' | 'sign' | 'line'
export interface Token {
  readonly kind: TokenKind
  readonly text: string
  readonly offset: number
}

const kinds: readonly TokenKind[] = ['regex', 'raw', 'text', 'path', 'number', 'name', 'sign', 'line']

/** Undefined where something is no word. */
export function tokensOf(program: string): readonly Token[] | undefined {
  const tokens: Token[] = []
  let end = 0
  for (const match of program.matchAll(word)) {
    end = match.index + match[0].length
    const group = match.slice(1).findIndex((text) => text !== undefined)
    if (group !== -1) tokens.push({ kind: kinds[group]!, text: match[0], offset: match.index })
  }
  return end === program.length ? tokens : undefined
}
