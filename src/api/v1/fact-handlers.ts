import type { Context } from 'hono'
import type { ReportLinks } from '../report-links.ts'
import type { CollectorFacts, SoakReportsFacts } from './facts.ts'
import { openApi } from './openapi.ts'
import type { SoakReports } from './schemas.ts'
import { tailRoute } from './tail-route.ts'

type Handler = (context: Context) => Response | Promise<Response>

/** What answers below /api/v1 and only tells, by its name there. */
export function factHandlers(
  facts: CollectorFacts,
  { version, links }: { readonly version: string; readonly links: ReportLinks },
): ReadonlyMap<string, Handler> {
  return new Map<string, Handler>([
    ['overview', async (context) => context.json(await facts.overview())],
    ['containers', async (context) => context.json(await facts.containers())],
    ['pipeline', async (context) => context.json(await facts.pipeline())],
    ['sinks', async (context) => context.json(await facts.sinks())],
    ['watch', (context) => context.json(facts.watch())],
    ['soak-reports', async (context) => context.json(withPaths(await facts.soakReports(), links))],
    ['configuration', (context) => context.json(facts.configuration())],
    ['diagnostics', async (context) => context.json(await facts.diagnostics())],
    ['tail', (context) => tailRoute(context, facts)],
    ['openapi.json', (context) => context.json(openApi(version))],
  ])
}

function withPaths({ folder, reports }: SoakReportsFacts, links: ReportLinks): SoakReports {
  return { folder, reports: reports.map((report) => ({ ...report, path: links.pathTo(report.name) })) }
}
