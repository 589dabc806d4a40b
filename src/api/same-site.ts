import { isIP } from 'node:net'
import type { MiddlewareHandler } from 'hono'
import { lineTypes } from './line-types.ts'

/**
 * Lets no web page that somebody's browser happens to show change anything here. Three doors are shut: a form or a simple request (JSON must be
 * asked for, which a browser does not send to another site without asking first), a script of another site (its origin), and a name that
 * was made to point here (only `localhost` and addresses are taken for our own; a name could be anybody's). With TLS the certificate tells our names.
 */
export function sameSite(scheme: 'http' | 'https'): MiddlewareHandler {
  return async (context, next) => {
    const problem = foreignness({
      scheme,
      path: context.req.path,
      method: context.req.method,
      host: context.req.header('host'),
      origin: context.req.header('origin'),
      contentType: context.req.header('content-type'),
    })
    if (problem === undefined) await next()
    else return context.json({ error: problem.error }, problem.status)
  }
}

/**
 * By path, where it is not JSON. A page can post plain text elsewhere without asking, but not without its origin, which browsers add to
 * every post: there the second door is enough.
 */
const contentTypes: Readonly<Record<string, readonly string[]>> = {
  '/api/v1/logs': Object.keys(lineTypes),
}

interface Headers {
  readonly scheme?: 'http' | 'https'
  readonly path?: string
  readonly method: string
  readonly host: string | undefined
  readonly origin: string | undefined
  readonly contentType: string | undefined
}

/** Why a request is refused; undefined: it is not. */
export function foreignness({
  scheme = 'http',
  path = '',
  method,
  host = '',
  origin,
  contentType = '',
}: Headers): { readonly status: 403 | 415; readonly error: string } | undefined {
  const name = URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname : ''
  if (scheme === 'http' && name !== 'localhost' && isIP(name.replace(/^\[|\]$/g, '')) === 0)
    return { status: 403, error: 'ask by address, or by the name localhost: another name could be made to point here' }
  // What only tells needs no more: a page of another site cannot read the answer.
  if (method === 'GET' || method === 'HEAD') return undefined
  if (origin !== undefined && origin !== `${scheme}://${host}`)
    return { status: 403, error: `a page of ${origin} may change nothing here` }
  const taken = contentTypes[path] ?? ['application/json']
  if (!taken.includes(contentType.split(';')[0]!.trim().toLowerCase()))
    return { status: 415, error: `send content-type: ${taken.join(' or ')}` }
  return undefined
}
