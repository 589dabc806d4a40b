import { Hono } from 'hono'
import type { CollectorFacts } from './facts.ts'
import { openApi } from './openapi.ts'
import { tailRoute } from './tail-route.ts'

/** The routes below /api/v1 that only tell. */
export function factRoutes(facts: CollectorFacts, version: string): Hono {
  const app = new Hono()
  app.get('/overview', async (context) => context.json(await facts.overview()))
  app.get('/containers', async (context) => context.json(await facts.containers()))
  app.get('/pipeline', async (context) => context.json(await facts.pipeline()))
  app.get('/sinks', async (context) => context.json(await facts.sinks()))
  app.get('/configuration', (context) => context.json(facts.configuration()))
  app.get('/tail', (context) => tailRoute(context, facts))
  app.get('/openapi.json', (context) => context.json(openApi(version)))
  return app
}
