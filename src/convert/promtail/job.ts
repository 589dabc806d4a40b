import { Chain } from '../chain.ts'
import type { Draft } from '../draft.ts'
import type { InputNode } from '../input-node.ts'
import { dockerFiles, postedSource } from '../source.ts'
import { relabel, type Selection } from './relabel.ts'

/** A scrape_config on its way. */
export interface Job {
  readonly chain: Chain
  /** What each label is, as a template of log-capturer. */
  readonly labels: Map<string, string>
  /** Fields that are sent as structured metadata. */
  readonly metadata: Set<string>
  tenant: string | undefined
  /** `engine`: as programs wrote them, for both collectors. `files`: Promtail read the engine's files, in whose wrapping they are. `posted`: as they come. */
  readonly lines: 'engine' | 'files' | 'posted'
}

/** What the engine's discovery says of a container, and where log-capturer has it. */
const dockerMeta: Readonly<Record<string, string>> = {
  __meta_docker_container_id: '{container.id}',
  __meta_docker_container_name: '/{container.name}',
  __meta_docker_container_log_stream: '{stream}',
}

/** Kinds of discovery and targets whose lines nobody here reads. */
const otherTargets: Readonly<Record<string, string>> = {
  static_configs: 'files that are no container logs are not followed',
  file_sd_configs: 'files that are no container logs are not followed',
  journal: 'the journal is not read',
  syslog: 'syslog is not received',
  gcplog: 'Google Cloud is not read',
  azure_event_hubs: 'Azure Event Hubs are not read',
  kafka: 'Kafka is not read',
  gelf: 'GELF is not received',
  cloudflare: 'Cloudflare is not read',
  heroku_drain: 'Heroku drains are not received',
  windows_events: 'Windows events are not read',
  loki_push_api: "Loki's push requests are not received",
  kubernetes_sd_configs: 'the logs of Kubernetes are not read',
  consul_sd_configs: 'Consul is not asked',
  consulagent_sd_configs: 'Consul is not asked',
}

/** The source of a scrape_config, and what relabelling makes of what is known of its targets. */
export function jobSource(scrape: InputNode, draft: Draft): Job {
  const name = scrape.get('job_name')?.text() || 'engine'
  const [discovery, ...others] = scrape.get('docker_sd_configs')?.items() ?? []
  for (const other of others)
    draft.gap(other, 'a second engine in one scrape_config', 'make a scrape_config of its own of it, and convert again')
  if (discovery !== undefined) return engineJob(scrape, { name, discovery }, draft)
  return fileJob(scrape, name, draft)
}

function engineJob(scrape: InputNode, { name, discovery }: { name: string; discovery: InputNode }, draft: Draft): Job {
  const labels = new Map(Object.entries(dockerMeta))
  const include: Selection = { names: [], labels: [] }
  const exclude: Selection = { names: [], labels: [] }
  for (const filter of discovery.get('filters')?.items() ?? []) selectBy(filter, include, draft)
  discovery.get('refresh_interval')?.use()
  discovery.get('host_networking_host')?.use()
  discovery.get('port')?.use()
  const later = relabel(scrape.get('relabel_configs')?.items() ?? [], { labels, include, exclude, draft })
  const source = draft.add(
    'sources',
    { id: name, from: scrape },
    {
      type: 'docker',
      host: discovery.get('host')?.text(),
      tls: tlsOf(discovery, draft),
      include: selectionOf(include),
      exclude: selectionOf(exclude),
    },
  )
  const chain = new Chain(draft, { name, inputs: [source] })
  for (const lay of later) lay(chain)
  return { chain, labels: visible(labels), metadata: new Set(), tenant: labels.get('__tenant_id__'), lines: 'engine' }
}

function selectionOf({ names, labels }: Selection): object | undefined {
  if (names.length + labels.length === 0) return undefined
  return { ...(names.length > 0 && { names }), ...(labels.length > 0 && { labels }) }
}

/** Filters of the engine: all must hold, one of the values of each. */
function selectBy(filter: InputNode, include: Selection, draft: Draft): void {
  const name = filter.get('name')?.text()
  const values = filter.get('values')?.texts() ?? []
  if (name === 'name')
    include.names.push(
      ...values.map((value) =>
        (value.startsWith('/') || value.startsWith('^') ? value.replace(/^\^?\/?/, '') : `*${value}`)
          .replace(/([^$])$/, '$1*')
          .replace(/\$$/, ''),
      ),
    )
  else if (name === 'label' && values.length === 1) include.labels.push(...values)
  else
    draft.gap(
      filter,
      name === 'label'
        ? 'the engine wants all of these labels, include.labels one of them'
        : `containers are not chosen by "${name ?? ''}"`,
      'use names, images and labels in include and exclude of the source',
    )
}

function tlsOf(discovery: InputNode, draft: Draft): object | undefined {
  const tls = discovery.get('tls_config')
  if (tls === undefined) return undefined
  const skip = tls.get('insecure_skip_verify')?.isTrue() === true
  draft.gap(
    tls,
    'certificates of the engine are read from one folder',
    'put ca.pem, cert.pem and key.pem there, and name it in tls.cert_path of the source',
  )
  return skip ? { verify: false } : undefined
}

function fileJob(scrape: InputNode, name: string, draft: Draft): Job {
  const labels = new Map<string, string>()
  let isContainers = false
  for (const target of scrape.get('static_configs')?.items() ?? []) {
    target.get('targets')?.use()
    const own = target.get('labels')
    for (const [label, node] of own?.entries ?? []) {
      if (label === '__path__') isContainers ||= dockerFiles(node.text())
      else if (label === '__path_exclude__') draft.gap(node, 'files are not chosen', 'use exclude of the source')
      else if (labels.has(label) && labels.get(label) !== node.text())
        draft.gap(
          node,
          `another target of this scrape_config has another "${label}"`,
          'make a scrape_config of its own of each, and convert again',
        )
      else labels.set(label, node.text())
    }
  }
  for (const [label, node] of scrape.at('journal', 'labels')?.entries ?? []) labels.set(label, node.text())
  const kinds = isContainers ? [] : Object.keys(otherTargets).filter((kind) => scrape.get(kind) !== undefined)
  const node = scrape.get(kinds[0] ?? '') ?? scrape
  const source = isContainers
    ? draft.add('sources', { id: name, from: scrape }, { type: 'docker' })
    : postedSource(draft, { node, name, why: otherTargets[kinds[0] ?? ''] ?? 'it has no targets' })
  const later = relabel(scrape.get('relabel_configs')?.items() ?? [], {
    labels,
    include: undefined,
    exclude: undefined,
    draft,
  })
  const chain = new Chain(draft, { name, inputs: [source] })
  for (const lay of later) lay(chain)
  return {
    chain,
    labels: visible(labels),
    metadata: new Set(),
    tenant: labels.get('__tenant_id__'),
    lines: isContainers ? 'files' : 'posted',
  }
}

function visible(labels: ReadonlyMap<string, string>): Map<string, string> {
  return new Map([...labels].filter(([name]) => !name.startsWith('__')))
}
