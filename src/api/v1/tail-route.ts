import type { Context } from 'hono'
import type { CollectorFacts, TailFeed } from './facts.ts'
import { readTailQuery } from './queries.ts'

/** Lines as they pass, as server-sent events. */
export function tailRoute(context: Context, facts: Pick<CollectorFacts, 'openTail'>): Response {
  const query = readTailQuery(context.req.queries())
  if (!query.success) {
    const [issue] = query.error.issues
    const error = `the query is not understood: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`.trim()
    return context.json({ error, hint: 'it takes container, stream, include, exclude, last and at' }, 400)
  }
  const opened = facts.openTail(query.data)
  if (opened.kind === 'refused') {
    const { status, error, hint } = opened
    return context.json({ error, hint }, status)
  }
  // Whoever asks for the head only reads no event: then nothing is begun.
  return context.body(eventsOf(opened.feed), 200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    // Nothing between the two ends shall gather events.
    'x-accel-buffering': 'no',
  })
}

/** One event whenever the other side has taken the one before: where it does not, the feed is not asked, and counts what it passes over. */
function eventsOf(feed: TailFeed): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  let isFirst = true
  return new ReadableStream(
    {
      async pull(controller) {
        if (isFirst) feed.begin()
        // The first comes at once, so that the other side knows that it is connected.
        const event = isFirst ? { lines: [], skipped: 0 } : await feed.next()
        isFirst = false
        controller.enqueue(encoder.encode(`data: ${JSON.stringify(event)}\n\n`))
      },
      cancel: () => feed[Symbol.dispose](),
    },
    { highWaterMark: 0 },
  )
}
