import type { Context, MiddlewareHandler } from 'hono'

/**
 * Keeps web pages out of what they could reach in the browser of somebody on this host: the port asks for no password. A page of another site
 * may send requests here, but neither with this content type without being asked about first, nor with another Origin than its own; and one that has
 * its name resolve to this address (DNS rebinding) still sends that name as Host.
 */
export function sameSite(listenHost: string): MiddlewareHandler {
  return async (context, next) => {
    const refusal = refusalOf(context, listenHost)
    if (refusal === undefined) return next()
    const { status, error, hint } = refusal
    return context.json({ error, hint }, status)
  }
}

interface Refusal {
  readonly status: 403 | 415
  readonly error: string
  readonly hint: string
}

function refusalOf({ req }: Context, listenHost: string): Refusal | undefined {
  const host = req.header('host') ?? ''
  if (!isOwnHost(hostNameOf(host), listenHost))
    return {
      status: 403,
      error: `requests for the host "${host}" are refused`,
      hint: `ask for localhost, or for ${listenHost} as api.listen has it`,
    }
  if (req.method === 'GET' || req.method === 'HEAD') return undefined
  const origin = req.header('origin')
  if (origin !== undefined && origin !== `http://${host}`)
    return { status: 403, error: `requests of pages from ${origin} are refused`, hint: 'send no Origin, or ours' }
  const type = req.header('content-type')?.split(';')[0]?.trim().toLowerCase()
  if (type !== 'application/json')
    return { status: 415, error: 'the body must be JSON', hint: 'send content-type: application/json' }
  return undefined
}

/** Without the port, and without the brackets of IPv6. */
function hostNameOf(host: string): string {
  return host
    .replace(/:\d*$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .toLowerCase()
}

function isOwnHost(name: string, listenHost: string): boolean {
  return name === 'localhost' || name === '::1' || /^127(\.\d{1,3}){3}$/.test(name) || name === listenHost.toLowerCase()
}
