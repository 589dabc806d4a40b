import type { Context } from 'hono'
import type { GuardedEnv } from '../access/guard.ts'
import { lineTypes } from '../line-types.ts'
import { type LineTaker, postQuery } from './posts.ts'

/** Lines that somebody posts: answered when they are safe, or cannot be taken. */
export async function postRoute(context: Context<GuardedEnv>, lines: LineTaker): Promise<Response> {
  const query = postQuery.safeParse(context.req.query())
  if (!query.success)
    return context.json({ error: 'the query takes source, container, and stream (stdout or stderr)' }, 400)
  const encoding = context.req.header('content-encoding') ?? 'identity'
  if (encoding !== 'identity')
    return context.json({ error: `${encoding} is not understood`, hint: 'send it as it is' }, 415)
  const gone = new AbortController()
  const { outgoing } = context.env
  const onClose = () => gone.abort(new Error('the client has gone'))
  outgoing.once('close', onClose)
  try {
    const { source, container, stream } = query.data
    const type = typeOf(context.req.header('content-type')) as keyof typeof lineTypes
    const bytes = Number(context.req.header('content-length') ?? 0)
    const read = async () => Buffer.from(await context.req.arrayBuffer())
    const post = { source, container, stream, format: lineTypes[type], bytes, read }
    const { status, body, retryAfterSeconds } = await lines.take(post, gone.signal)
    if (retryAfterSeconds !== undefined) context.header('retry-after', String(retryAfterSeconds))
    // What is still to come of the body is not waited for.
    if (status === 408) context.header('connection', 'close')
    return context.json(body, status)
  } finally {
    outgoing.off('close', onClose)
  }
}

function typeOf(header = ''): string {
  return header.split(';')[0]!.trim().toLowerCase()
}
