import { re2Problem } from '../../lib/re2.ts'
import { Chain } from '../chain.ts'
import type { Draft } from '../draft.ts'
import type { InputNode } from '../input-node.ts'
import { dockerFiles, postedSource } from '../source.ts'

const metrics = new Set([
  'internal_metrics',
  'host_metrics',
  'prometheus_scrape',
  'statsd',
  'nginx_metrics',
  'apache_metrics',
  'postgresql_metrics',
  'mongodb_metrics',
  'prometheus_remote_write',
  'eventstoredb_metrics',
  'aws_ecs_metrics',
  'static_metrics',
])

/** Undefined where it gives no lines, which has been told. */
export function addSource({ name, node, draft }: { name: string; node: InputNode; draft: Draft }): Chain | undefined {
  const type = node.get('type')?.text() ?? ''
  if (type === 'docker_logs') return dockerLogs({ name, node, draft })
  if (metrics.has(type)) {
    draft.gap(node, 'metrics are not collected', "log-capturer's own are at /metrics")
    return undefined
  }
  const paths = node.get('include')?.texts() ?? []
  if (type === 'file' && paths.some(dockerFiles)) {
    for (const key of ['exclude', 'read_from']) node.get(key)?.use()
    draft.gap(
      node,
      "lines come from the engine as programs write them, without the engine's JSON about them",
      'leave out what takes it off',
    )
    return new Chain(draft, { name, inputs: [draft.add('sources', { id: name, from: node }, { type: 'docker' })] })
  }
  return new Chain(draft, {
    name,
    inputs: [postedSource(draft, { node, name, why: `a source of the type "${type}" is not there` })],
  })
}

function dockerLogs({ name, node, draft }: { name: string; node: InputNode; draft: Draft }): Chain {
  for (const key of ['auto_partial_merge', 'partial_event_marker_field', 'retry_backoff_secs', 'host_key'])
    node.get(key)?.use()
  const chosen = (side: string) => {
    const names = node.get(`${side}_containers`)?.texts() ?? []
    const images = node.get(`${side}_images`)?.texts() ?? []
    const labels = node.get(`${side}_labels`)?.texts() ?? []
    if (names.length + images.length + labels.length === 0) return undefined
    // Vector takes names by how they begin.
    return {
      ...(names.length > 0 && { names: names.map((one) => `${one}*`) }),
      ...(images.length > 0 && { images: images.map((one) => (one.includes(':') ? one : `${one}*`)) }),
      ...(labels.length > 0 && { labels }),
    }
  }
  const labels = node.get('include_labels')
  if ((labels?.texts().length ?? 0) > 1)
    draft.gap(labels!, 'a container needs all of these labels for Vector, one of them here', 'write a filter behind it')
  const certificates = node.get('tls')
  if (certificates !== undefined)
    draft.gap(
      certificates,
      'certificates of the engine are read from one folder',
      'put ca.pem, cert.pem and key.pem there, and name it in tls.cert_path of the source',
    )
  const host = node
    .get('docker_host')
    ?.text()
    .replace(/^http:/, 'tcp:')
  const include = chosen('include')
  const exclude = chosen('exclude')
  const chain = new Chain(draft, {
    name,
    inputs: [draft.add('sources', { id: name, from: node }, { type: 'docker', host, include, exclude, from: 'now' })],
  })
  const multiline = node.get('multiline')
  if (multiline !== undefined) join(multiline, chain)
  return chain
}

function join(node: InputNode, chain: Chain): void {
  const mode = node.get('mode')?.text() ?? ''
  const start = node.get('start_pattern')?.text() ?? ''
  const condition = node.get('condition_pattern')?.text() ?? ''
  const ms = node.get('timeout_ms')?.number()
  const flush = ms === undefined ? undefined : `${ms}ms`
  if ([start, condition].some((pattern) => re2Problem(pattern) !== undefined)) {
    chain.draft.gap(node, 'its patterns cannot be read', 'write them without what RE2 does not have')
  } else if (mode === 'halt_before') chain.then('multiline', node, { start: [condition], flush_after: flush })
  else if (mode === 'continue_through') chain.then('multiline', node, { continue: [condition], flush_after: flush })
  else
    chain.draft.gap(
      node,
      `lines are not joined by the mode "${mode}"`,
      'use a multiline with start or continue, or with its presets',
    )
}
