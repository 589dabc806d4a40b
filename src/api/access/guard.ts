import type { IncomingMessage } from 'node:http'
import type { HttpBindings } from '@hono/node-server'
import type { Context, MiddlewareHandler } from 'hono'
import { type Credential, Credentials, type Role } from './credentials.ts'
import { RateLimit } from './rate-limit.ts'

export interface AccessSettings {
  /** None: everybody may do everything. */
  readonly credentials: readonly Credential[]
  /** Of one address. */
  readonly requestsPerSecond: number
  readonly maxBodyBytes: number
}

/** What every route knows of who asks. */
export interface GuardedEnv {
  Bindings: HttpBindings
  /** Whether the asker may be told everything; false only where the route is for everybody. */
  Variables: { mayRead: boolean }
}

/** Guesses at a secret: some at once, for mistakes, and then one every few seconds. */
const failuresPerSecond = 0.2
const failuresAtOnce = 10

const healthPaths: ReadonlySet<string> = new Set(['/health/live', '/health/ready'])
/** Plain names only; what is not of this form is not open to everybody, whatever it would be taken for. */
const pagePath = /^\/(?:[\w-][\w.-]*\/)*(?:[\w-][\w.-]*)?$/
const guardedFolders: ReadonlySet<string> = new Set(['api', 'metrics', 'health'])

/** Lets in who may: how often, how much, as whom. Before every route, by the very path that the routes are found by. */
export function guard({ credentials, requestsPerSecond, maxBodyBytes }: AccessSettings): MiddlewareHandler<GuardedEnv> {
  const known = new Credentials(credentials)
  const requests = new RateLimit({ perSecond: requestsPerSecond, burst: 2 * requestsPerSecond })
  const failures = new RateLimit({ perSecond: failuresPerSecond, burst: failuresAtOnce })
  return async (context, next) => {
    const { incoming } = context.env
    const address = incoming.socket.remoteAddress ?? ''
    const waitSeconds = requests.waitSeconds(address)
    if (waitSeconds > 0) return tooMany(context, waitSeconds, 'more requests than api.limits.requests_per_second')
    requests.take(address)
    const body = bodyRefusal(incoming, maxBodyBytes)
    if (body) return context.json({ error: body.error }, body.status)
    if (known.isEmpty) {
      context.set('mayRead', true)
      return next()
    }
    const failureWaitSeconds = failures.waitSeconds(address)
    if (failureWaitSeconds > 0 && !isOpen(context))
      return tooMany(context, failureWaitSeconds, 'too many wrong credentials')
    const roles = known.rolesOf(incoming)
    context.set(
      'mayRead',
      roles.some((role) => role !== 'writer'),
    )
    if (isOpen(context)) return next()
    if (roles.length === 0) {
      if (incoming.headers.authorization !== undefined) failures.take(address)
      context.header('www-authenticate', known.challenge)
      const error =
        incoming.headers.authorization === undefined ? 'credentials are needed' : 'these credentials are not known'
      return context.json({ error, hint: 'api.auth of the configuration says who may ask' }, 401)
    }
    if (roles.some((role) => mayAsk(role, context))) return next()
    const [role] = roles
    const error = role === 'writer' ? 'a writer may post lines, and nothing else' : 'a viewer may change nothing'
    return context.json({ error, hint: `ask with credentials whose role is ${neededRole(context)}` }, 403)
  }
}

function mayAsk(role: Role, context: Context): boolean {
  if (role === 'admin') return true
  return role === 'viewer' ? isReading(context) : isPosting(context)
}

function neededRole(context: Context): string {
  if (isReading(context)) return 'viewer or admin'
  return isPosting(context) ? 'writer or admin' : 'admin'
}

/** Lines come in. */
function isPosting({ req }: Context): boolean {
  return req.method === 'POST' && req.path === '/api/v1/logs'
}

function isReading({ req }: Context): boolean {
  return req.method === 'GET' || req.method === 'HEAD'
}

/** Probes, and the files of the page, which are the same for everybody. */
function isOpen(context: Context): boolean {
  const { path } = context.req
  if (!isReading(context)) return false
  return healthPaths.has(path) || (pagePath.test(path) && !guardedFolders.has(path.split('/')[1]!))
}

function bodyRefusal(
  { headers, method }: IncomingMessage,
  maxBytes: number,
): { error: string; status: 411 | 413 } | undefined {
  if (method === 'GET' || method === 'HEAD') return undefined
  if (headers['transfer-encoding'] !== undefined) return { error: 'send a content-length', status: 411 }
  if (Number(headers['content-length'] ?? 0) <= maxBytes) return undefined
  return { error: `the body is longer than ${maxBytes} bytes (api.limits.body)`, status: 413 }
}

function tooMany(context: Context, waitSeconds: number, error: string): Response {
  context.header('retry-after', String(waitSeconds))
  return context.json({ error, hint: `ask again in ${waitSeconds} s` }, 429)
}
