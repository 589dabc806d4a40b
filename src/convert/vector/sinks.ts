import type { Draft } from '../draft.ts'
import type { InputNode } from '../input-node.ts'
import { lokiUrl } from '../loki-url.ts'
import { fileInstead } from '../other-sink.ts'
import { isField, templateOfOption } from './event.ts'
import type { Graph } from './graph.ts'

interface Sink {
  readonly name: string
  readonly node: InputNode
  readonly graph: Graph
  readonly draft: Draft
}

export function addSink({ name, node, graph, draft }: Sink): void {
  const { inputs } = graph.inputsOf(node)
  const type = node.get('type')?.text() ?? ''
  if (inputs.length === 0) {
    draft.gap(node, 'no lines come to it', 'leave it out')
    return
  }
  for (const key of ['healthcheck', 'acknowledgements']) node.get(key)?.use()
  const common = { inputs, queue: queueOf(node) }
  const at = { id: name, from: node }
  switch (type) {
    case 'loki':
      draft.add('sinks', at, { type, ...common, ...lokiOptions(node, draft) })
      break
    case 'file':
      draft.add('sinks', at, { type, ...common, path: pathOf(node, draft), format: formatOf(node, draft) })
      break
    case 'console':
      node.get('target')?.use()
      if (formatOf(node, draft) === 'ndjson')
        draft.gap(
          node.get('encoding')!,
          'lines are printed for people, not as JSON',
          'log-capturer tail --json gives objects',
        )
      draft.add('sinks', at, { type, ...common })
      break
    case 'blackhole':
      node.get('print_interval_secs')?.use()
      draft.add('sinks', at, { type, ...common })
      break
    default:
      fileInstead(draft, { node, name, inputs }, `a sink of the type "${type}" is not there`)
  }
}

function queueOf(node: InputNode): object | undefined {
  const buffer = node.get('buffer')
  const size = buffer?.get('max_size')?.number()
  const isDisk = buffer?.get('type')?.text() === 'disk'
  const drops = buffer?.get('when_full')?.text() === 'drop_newest'
  buffer?.get('max_events')?.use()
  if (!isDisk && !drops) return undefined
  return { ...(isDisk && size !== undefined && { disk: size }), ...(drops && { when_full: 'drop_oldest' }) }
}

function formatOf(node: InputNode, draft: Draft): 'text' | 'ndjson' {
  const encoding = node.get('encoding')
  const codec = encoding?.get('codec')?.text() ?? (encoding?.isMap === false ? encoding.text() : 'text')
  if (codec === 'text' || codec === 'raw_message') return 'text'
  if (codec !== 'json')
    draft.gap(
      encoding!,
      `the codec "${codec}" is not there: lines are written as JSON`,
      'format: text writes the lines alone',
    )
  return 'ndjson'
}

function pathOf(node: InputNode, draft: Draft): string {
  const path = node.get('path')?.text() ?? ''
  const made = templateOfOption(path.replaceAll('%Y-%m-%d', '{{ __date }}').replaceAll('%H', '{{ __hour }}'))
  const template = made?.replaceAll('{fields.__date}', '{date}').replaceAll('{fields.__hour}', '{hour}')
  const compression = node.get('compression')
  if (compression !== undefined && compression.text() !== 'none')
    draft.gap(compression, 'files are compressed when they are put aside', 'use compress and rotate')
  node.get('idle_timeout_secs')?.use()
  if (template !== undefined && !/%|\{fields\./.test(template)) return template
  draft.gap(node.get('path')!, 'there are no such placeholders in paths', 'see path in docs/reference/sink-file.md')
  return './logs/{container.name}.log'
}

function lokiOptions(node: InputNode, draft: Draft): Record<string, unknown> {
  const endpoint = node.get('endpoint')?.text() ?? ''
  const path = node.get('path')?.text() ?? ''
  const { url, auth } = lokiUrl(endpoint.replace(/\/$/, '') + (path === '/loki/api/v1/push' ? '' : path))
  for (const key of [
    'compression',
    'out_of_order_action',
    'remove_label_fields',
    'remove_timestamp',
    'remove_structured_metadata_fields',
    'request',
  ]) {
    const value = node.get(key)
    for (const [, option] of value?.entries ?? []) option.use()
    value?.use()
  }
  const encoding = node.get('encoding')
  if (encoding?.get('codec')?.text() === 'json' || encoding?.value === 'json')
    draft.gap(
      encoding,
      'Loki gets the text of a line, and its fields as structured metadata, not an object with both',
      'ask in LogQL for fields without | json',
    )
  const maxBytes = node.at('batch', 'max_bytes')?.number()
  const seconds = node.at('batch', 'timeout_secs')?.number()
  node.at('batch', 'max_events')?.use()
  const batch = {
    ...(maxBytes !== undefined && { max_bytes: maxBytes }),
    ...(seconds !== undefined && { max_age: `${seconds}s` }),
  }
  return {
    url,
    tenant: templateAt(node.get('tenant_id'), draft),
    auth: authOf(node.get('auth'), draft) ?? auth,
    tls: tlsOf(node.get('tls')),
    labels: labelsOf(node.get('labels'), draft),
    metadata: metadataOf(node.get('structured_metadata'), draft),
    batch: Object.keys(batch).length > 0 ? batch : undefined,
  }
}

function templateAt(node: InputNode | undefined, draft: Draft): string | undefined {
  if (node === undefined) return undefined
  const template = templateOfOption(node.text())
  if (template === undefined || template.includes('{text}')) {
    draft.gap(node, `"${node.text()}" is no template that is known`, 'see labels in docs/reference/sink-loki.md')
    return
  }
  return template
}

function labelsOf(node: InputNode | undefined, draft: Draft): object | undefined {
  const labels: Record<string, string> = {}
  for (const [name, value] of node?.entries ?? []) {
    const bare = name.replaceAll('"', '')
    if (!/^[A-Za-z_]\w*$/.test(bare))
      draft.gap(value, `"${name}" is no name of a single label`, 'write the labels one by one')
    else {
      const template = templateAt(value, draft)
      if (template !== undefined) labels[bare] = template
    }
  }
  return Object.keys(labels).length > 0 ? labels : undefined
}

/** Fields are structured metadata by themselves. */
function metadataOf(node: InputNode | undefined, draft: Draft): object | undefined {
  const metadata: Record<string, string> = {}
  for (const [name, value] of node?.entries ?? []) {
    const path = /^\{\{\s*\.?([\w.]+)\s*\}\}$/.exec(value.text())?.[1]
    if (path !== undefined && isField(path)) {
      if (path !== name)
        draft.gap(value, `the field goes by its own name, "${path}"`, 'rename it with a transform of type fields')
      continue
    }
    const template = templateAt(value, draft)
    if (template !== undefined) metadata[name] = template
  }
  return Object.keys(metadata).length > 0 ? metadata : undefined
}

function authOf(node: InputNode | undefined, draft: Draft): object | undefined {
  if (node === undefined) return undefined
  const strategy = node.get('strategy')?.text()
  if (strategy === 'basic')
    return { username: node.get('user')?.text() ?? '', password: node.get('password')?.text() ?? '' }
  if (strategy === 'bearer') return { token: node.get('token')?.text() ?? '' }
  draft.gap(node, `authentication by "${strategy ?? ''}" is not spoken`, 'use auth.username or auth.token')
}

function tlsOf(node: InputNode | undefined): object | undefined {
  if (node === undefined) return undefined
  node.get('enabled')?.use()
  const options: Record<string, string | boolean> = {}
  for (const [key, own] of [
    ['ca_file', 'ca_file'],
    ['crt_file', 'cert_file'],
    ['key_file', 'key_file'],
    ['server_name', 'server_name'],
  ] as const) {
    const value = node.get(key)?.text()
    if (value !== undefined) options[own] = value
  }
  if (node.get('verify_certificate')?.text() === 'false') options.insecure = true
  return options
}
