import type { Context } from 'hono'
import type { CollectorFacts } from './facts.ts'
import { openApi } from './openapi.ts'
import { tailRoute } from './tail-route.ts'

type Handler = (context: Context) => Response | Promise<Response>

/** What answers below /api/v1 and only tells, by its name there. */
export function factHandlers(facts: CollectorFacts, version: string): ReadonlyMap<string, Handler> {
  return new Map<string, Handler>([
    ['overview', async (context) => context.json(await facts.overview())],
    ['containers', async (context) => context.json(await facts.containers())],
    ['pipeline', async (context) => context.json(await facts.pipeline())],
    ['sinks', async (context) => context.json(await facts.sinks())],
    ['watch', (context) => context.json(facts.watch())],
    ['configuration', (context) => context.json(facts.configuration())],
    ['diagnostics', async (context) => context.json(await facts.diagnostics())],
    ['tail', (context) => tailRoute(context, facts)],
    ['openapi.json', (context) => context.json(openApi(version))],
  ])
}
