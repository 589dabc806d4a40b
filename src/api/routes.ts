import { Hono } from 'hono'
import { messageOf } from '../lib/error.ts'
import { type AccessSettings, guard, type GuardedEnv } from './access/guard.ts'
import type { DeadLetterOffice } from './dead-letter-office.ts'
import { deadLetterRoutes } from './dead-letters.ts'
import type { Health } from './health.ts'
import { PageFiles, safeHeaders } from './page-files.ts'
import { ReportLinks } from './report-links.ts'
import { sameSite } from './same-site.ts'
import type { factHandlers } from './v1/fact-handlers.ts'
import type { CollectorFacts } from './v1/facts.ts'
import type { LineTaker } from './v1/posts.ts'

/**
 * A report is a file that somebody has put there: whatever it holds, nothing of it runs or is loaded, and it is of no origin. Browsers show no page that is
 * both in a sandbox and alone in its group.
 */
const reportHeaders = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy':
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'unsafe-none',
  'cache-control': 'no-store',
}

/** What the routes need of the collector. */
export interface ApiParts {
  /** The metrics in Prometheus' text format, as of now. */
  metrics(): Promise<{ readonly contentType: string; readonly text: string }>
  health(): Health
  readonly deadLetters: DeadLetterOffice
  /** Takes posted lines. */
  readonly lines: LineTaker
  readonly facts: CollectorFacts
  readonly version: string
  readonly access: AccessSettings
  readonly scheme: 'http' | 'https'
  /** Reads the configuration again. */
  reload(): Promise<ReloadAnswer>
}

/** 200: it is in force. 409: it cannot be, while this collector runs. 422: it has mistakes. 500: parts of it do not work and are as before. */
export interface ReloadAnswer {
  readonly status: 200 | 409 | 422 | 500
  readonly body: object
}

/**
 * /health/live: the process answers. /health/ready: every source is connected; 503 otherwise. /health: the detail, always 200: degraded
 * (a sink that is away, a component that has stopped, cursors that cannot be written) is neither dead nor unready, and a check that restarts a
 * collector because a sink is slow loses more than it mends.
 */
export function createRoutes(parts: ApiParts): Hono<GuardedEnv> {
  const app = new Hono<GuardedEnv>()
  const page = new PageFiles()
  app.use(safeHeaders)
  app.use(guard(parts.access))
  app.get('/metrics', async (context) => {
    const { contentType, text } = await parts.metrics()
    return context.body(text, 200, { 'content-type': contentType })
  })
  app.get('/health/live', (context) => context.json({ status: 'live' }))
  app.get('/health/ready', (context) => {
    const { isReady, reasons } = parts.health()
    if (isReady) return context.json({ status: 'ready' })
    // Reasons have addresses in them, which are not for everybody.
    return context.json({ status: 'not ready', ...(context.get('mayRead') ? { reasons } : {}) }, 503)
  })
  app.get('/health', (context) => context.json(parts.health()))
  app.use('/api/v1/*', sameSite(parts.scheme))
  app.post('/api/v1/logs', async (context) => (await import('./v1/post-route.ts')).postRoute(context, parts.lines))
  app.post('/api/v1/reload', async (context) => {
    const { status, body } = await parts.reload()
    return context.json(body, status)
  })
  app.route('/api/v1/dead-letters', deadLetterRoutes(parts.deadLetters))
  // Loaded when it is asked for: the schemas of the answers take 10 ms, which the start has no use for.
  const links = new ReportLinks()
  let handlers: Promise<ReturnType<typeof factHandlers>> | undefined
  app.get('/api/v1/:fact', async (context, next) => {
    handlers ??= import('./v1/fact-handlers.ts').then((loaded) =>
      loaded.factHandlers(parts.facts, { version: parts.version, links }),
    )
    const answer = (await handlers).get(context.req.param('fact'))
    if (answer === undefined) return next()
    return answer(context)
  })
  app.get('/soak-report/:ticket', async (context) => {
    const name = links.reportOf(context.req.param('ticket'))
    const html = name === undefined ? undefined : await parts.facts.soakReportPage(name)
    if (html) return context.body(new Uint8Array(html), 200, reportHeaders)
    return context.json(
      { error: 'this link leads to no report, or no longer', hint: 'open it from the page again' },
      404,
    )
  })
  app.onError((error, context) => context.json({ error: messageOf(error) }, 500))
  app.notFound(async (context) => {
    const file = ['GET', 'HEAD'].includes(context.req.method) ? await page.answer(context) : undefined
    if (file) return file
    const error = `there is no ${context.req.method} ${context.req.path} here`
    return context.json({ error, try: ['/', '/metrics', '/health', '/api/v1/openapi.json'] }, 404)
  })
  return app
}
