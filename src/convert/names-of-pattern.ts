/**
 * The texts that a pattern matches whole, with `*` and `?` for any; undefined: they cannot be written so.
 *
 * @example namesOfPattern('/(web|api-.*)') // ['/web', '/api-*']
 */
export function namesOfPattern(pattern: string): readonly string[] | undefined {
  const bare = pattern.replace(/^\^/, '').replace(/(^|[^\\])\$$/, '$1')
  const group = /^(.*?)\((?:\?:)?([^()]*)\)(.*)$/.exec(bare)
  if (group !== null) {
    const [, before, inside, after] = group
    if (/[()|]/.test(before! + after!)) return undefined
    if (/^[*+?{]/.test(after!)) return undefined
    return literals(inside!.split('|').map((one) => before! + one + after!))
  }
  return literals(bare.split('|'))
}

function literals(alternatives: readonly string[]): readonly string[] | undefined {
  const names = alternatives.map(literal)
  return names.every((name) => name !== undefined) ? names : undefined
}

function literal(pattern: string): string | undefined {
  let name = ''
  for (const [token, escaped] of pattern.matchAll(/\\(.)|\.\*\??|\.\+\??|./gs)) {
    if (escaped !== undefined) {
      if (/[A-Za-z0-9]/.test(escaped)) return undefined
      if (/[*?[\]{}!()]/.test(escaped)) return undefined
      name += escaped
    } else if (token.startsWith('.*')) name += '*'
    else if (token.startsWith('.+')) name += '?*'
    else if (token === '.') name += '?'
    else if (/[*+?()[\]{}|^$!]/.test(token)) return undefined
    else name += token
  }
  return name
}
