import { Chain } from '../chain.ts'
import type { Conversion, SourceFile } from '../conversion.ts'
import { Draft } from '../draft.ts'
import type { InputNode } from '../input-node.ts'
import { readYaml } from '../read-yaml.ts'
import { addClients } from './clients.ts'
import { type Job, jobSource } from './job.ts'
import { applyStages } from './stages.ts'

/** The configuration of Promtail: clients, and scrape_configs with relabelling and stages. */
export function convertPromtail(file: SourceFile): Conversion {
  const root = readYaml(file)
  const draft = new Draft(file.name)
  readAround(root, draft)
  for (const scrape of root.get('scrape_configs')?.items() ?? []) convertJob(scrape, root, draft)
  if (!draft.has('sources')) {
    draft.gap(
      root,
      'there are no scrape_configs',
      'the containers of the engine are collected: leave out those you do not want',
    )
    const source = draft.add('sources', { id: 'engine', from: root }, { type: 'docker' })
    addClients(root, draft, {
      chain: new Chain(draft, { name: 'engine', inputs: [source] }),
      labels: new Map(),
      metadata: new Set(),
      tenant: undefined,
      lines: 'engine',
    })
  }
  return draft.finish(root, 'promtail')
}

function convertJob(scrape: InputNode, root: InputNode, draft: Draft): void {
  const job: Job = jobSource(scrape, draft)
  applyStages(scrape.get('pipeline_stages')?.items() ?? [], job)
  keepOnlySent(job, scrape)
  addClients(root, draft, job)
}

/** What Promtail has extracted and made nothing of is not sent; the fields of log-capturer are. */
function keepOnlySent({ chain, labels, metadata, tenant }: Job, scrape: InputNode): void {
  if (!chain.hasFields) return
  const asked = [...labels.values(), tenant ?? ''].flatMap((template) =>
    [...template.matchAll(/\{fields\.([^}]+)\}/g)].map(([, name]) => name!),
  )
  const keep = [...new Set([...asked, ...metadata])]
  const options = keep.length > 0 ? { keep } : { remove: ['*'] }
  chain.then('fields', scrape.get('pipeline_stages') ?? scrape, options, `${chain.name}_sent`)
}

/** What is not about lines. */
function readAround(root: InputNode, draft: Draft): void {
  const server = root.get('server')
  if (server !== undefined)
    draft.note(server, 'the API, /metrics and /health are at 127.0.0.1:8401; api.listen says where else')
  const positions = root.get('positions')
  if (positions !== undefined)
    draft.note(
      positions,
      'cursors are kept in data_dir; those of Promtail are not read: the first start begins with the beginning of each log (from: now does not)',
    )
  const global = root.get('global')
  if (global !== undefined) draft.gap(global, 'limits of files and of tracing have nothing like them', 'leave them out')
  const limits = root.get('limits_config')
  if (limits === undefined) return
  draft.gap(
    limits,
    'limits of Promtail as a whole',
    'add a transform of type throttle where lines come, see docs/reference/transform-throttle.md',
  )
}
