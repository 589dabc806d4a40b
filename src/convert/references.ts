// ${NAME} is a variable for all of them; ${NAME:-text} for Vector and Promtail, ${NAME-text} for Vector, ${NAME:text} for Promtail.
const tokens = /\$\$|\$\{file:[^}]*\}|\$\{([A-Za-z_]\w*)(?:(:-|-|:)([^}?]*))?\}|\$\{/g

/** A text of the other configuration, so written that log-capturer reads the same variables, and nothing else, in it. */
export function withReferences(text: string): string {
  return text.replace(tokens, (token, name: string | undefined, _mark: string | undefined, standIn?: string) => {
    if (name !== undefined) return standIn === undefined ? `\${${name}}` : `\${${name}:-${standIn}}`
    if (token.startsWith('${file:')) return token
    return token.replaceAll('$', '$$$$')
  })
}

/** The contents of a file, as log-capturer refers to it. */
export function fileReference(path: string): string {
  return `\${file:${path}}`
}
