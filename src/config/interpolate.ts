import { readFileSync } from 'node:fs'
import { messageOf } from '../lib/error.ts'

// text      = *( "$$" / reference / any character )
// reference = "${file:" path "}" / "${" name [ ":-" default ] "}"
// name      = ( letter / "_" ) *( letter / digit / "_" )
// path and default go up to the first "}"; "$" before anything else stands for itself.
const tokens = /\$\$|\$\{([^}]*)(\}?)/g
const variable = /^([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?$/s

/** Environment variables, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>

export interface Interpolated {
  readonly text: string
  /** Whether anything but `$$` was put in. */
  readonly hasReferences: boolean
  readonly secrets: readonly string[]
  readonly troubles: readonly Trouble[]
}

export interface Trouble {
  readonly message: string
  readonly cure: string
}

/** Puts in environment variables and the contents of secret files. As in the shell, `:-` stands in for an empty variable, too. */
export function interpolate(text: string, env: Environment): Interpolated {
  const secrets: string[] = []
  const troubles: Trouble[] = []
  let hasReferences = false
  const result = text.replace(tokens, (token, inner: string | undefined, end: string | undefined) => {
    if (token === '$$') return '$'
    hasReferences = true
    const found = end === '' ? unclosed(token) : resolve(inner!, env)
    if (typeof found === 'string') return found
    if ('secret' in found) {
      if (found.secret !== '') secrets.push(found.secret)
      return found.secret
    }
    troubles.push(found)
    return token
  })
  return { text: result, hasReferences, secrets, troubles }
}

/** A literal text, so written that `interpolate` gives it back. */
export function escapeReferences(text: string): string {
  return text.replaceAll('$', '$$$$')
}

/** The files that a text refers to, wherever in it. */
export function referencedFiles(text: string): string[] {
  const inner = [...text.matchAll(tokens)].flatMap(([, inside]) => inside ?? [])
  return inner.filter((inside) => inside.startsWith('file:')).map((inside) => inside.slice('file:'.length))
}

function unclosed(token: string): Trouble {
  return { message: `"${token}" is not closed`, cure: 'end it with "}", or write "$${" for the characters themselves' }
}

function resolve(inner: string, env: Environment): string | { secret: string } | Trouble {
  if (inner.startsWith('file:')) return readSecret(inner.slice('file:'.length))
  const match = variable.exec(inner)
  if (match === null) {
    return {
      message: `"\${${inner}}" is no reference`,
      cure: 'write ${VAR}, ${VAR:-default} or ${file:/path}, or "$${" for the characters themselves',
    }
  }
  const [, name, standIn] = match
  const value = Object.hasOwn(env, name!) ? env[name!] : undefined
  if (standIn !== undefined) return value === undefined || value === '' ? standIn : value
  if (value !== undefined) return value
  return { message: `the environment variable ${name!} is not set`, cure: `set it, or write \${${name!}:-default}` }
}

function readSecret(path: string): { secret: string } | Trouble {
  try {
    return { secret: readFileSync(path, 'utf8').replace(/\r?\n$/, '') }
  } catch (error) {
    return {
      message: `the secret cannot be read: ${messageOf(error)}`,
      cure: 'check that the file is there and readable',
    }
  }
}
