import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { type DeadLetterOffice, ReplayRunningError } from './dead-letter-office.ts'
import { listQuery, readQuery, replayBody, selection } from './v1/dead-letter-questions.ts'

/** Some thousands of ids. */
const maxBodyBytes = 64 * 1024

const selectionShown = '{"ids": ["..."]}, {"sink": "..."} or {"all": true}'

/** The routes below /api/v1/dead-letters. */
export function deadLetterRoutes(office: DeadLetterOffice): Hono {
  const app = new Hono()
  app.use(
    bodyLimit({
      maxSize: maxBodyBytes,
      onError: (context) => context.json({ error: `the body is longer than ${maxBodyBytes} bytes` }, 413),
    }),
  )
  app.get('/', async (context) => {
    const query = listQuery.safeParse(context.req.query())
    if (!query.success) return refused(context, 'the query takes sink, after and limit (1 to 1000)')
    return context.json(await office.list(query.data))
  })
  app.get('/replay', async (context) => context.json({ replay: (await office.replayState()) ?? null }))
  app.get('/:id', async (context) => {
    const query = readQuery.safeParse(context.req.query())
    if (!query.success) return refused(context, 'the query takes limit: how many lines, 1 or more')
    const id = context.req.param('id')
    const letter = await office.read(id, { lines: query.data.limit })
    return letter ? context.json(letter) : context.json({ error: `there is no dead letter ${id}` }, 404)
  })
  app.post('/replay', async (context) => {
    const body = replayBody.safeParse(await bodyOf(context))
    if (!body.success)
      return refused(
        context,
        `the body must be ${selectionShown}, with "rate" in lines a second (1 or more) or without`,
      )
    const { rate: linesPerSecond, ...which } = body.data
    try {
      return context.json(await office.replay({ selection: which, linesPerSecond }), 202)
    } catch (error) {
      if (error instanceof ReplayRunningError) return context.json({ error: error.message, hint: error.hint }, 409)
      throw error
    }
  })
  app.delete('/', async (context) => {
    const body = selection.safeParse(await bodyOf(context))
    if (!body.success) return refused(context, `the body must be ${selectionShown}`)
    return context.json(await office.drop(body.data))
  })
  return app
}

function refused(context: Context, error: string) {
  return context.json({ error }, 400)
}

/** Undefined, which no schema takes, for what is no JSON. */
async function bodyOf(context: Context): Promise<unknown> {
  try {
    return await context.req.json<unknown>()
  } catch {
    return undefined // The caller is told of it as of any other body that does not hold.
  }
}
