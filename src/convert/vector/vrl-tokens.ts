// A word of VRL: a regex r'..', a raw text s'..', a text "..", a path, a name with its !, a number, an operator, the end of a line; and whatever else there is.
const word =
  /[ \t]+|#[^\n]*|(r'(?:\\.|[^'\\])*')|(s'(?:\\.|[^'\\])*')|("(?:\\.|[^"\\])*")|(\.(?:(?:[A-Za-z_@][\w@]*|"(?:\\.|[^"\\])*")(?:\.(?:[A-Za-z_@][\w@]*|"(?:\\.|[^"\\])*"))*)?)|(\d+(?:\.\d+)?)|([A-Za-z_]\w*!?(?!=))|(\|=|\?\?|==|!=|>=|<=|&&|\|\||[=<>!+(){}[\],:;\-*/])|(\n)|(.)/gy

export type TokenKind = 'regex' | 'raw' | 'text' | 'path' | 'number' | 'name' | 'sign' | 'line' | 'other'
export interface Token {
  readonly kind: TokenKind
  readonly text: string
  readonly offset: number
}

const kinds: readonly TokenKind[] = ['regex', 'raw', 'text', 'path', 'number', 'name', 'sign', 'line', 'other']

export function tokensOf(program: string): readonly Token[] {
  const tokens: Token[] = []
  for (const match of program.matchAll(word)) {
    const group = kinds.findIndex((_kind, i) => match[i + 1] !== undefined)
    if (group !== -1) tokens.push({ kind: kinds[group]!, text: match[0], offset: match.index })
  }
  return tokens
}
