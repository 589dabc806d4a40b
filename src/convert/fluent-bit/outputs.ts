import type { Draft } from '../draft.ts'
import type { InputNode } from '../input-node.ts'
import { fileInstead } from '../other-sink.ts'
import { keyOf, placeholderOf } from './record.ts'

export function addOutput(node: InputNode, inputs: readonly string[], draft: Draft): void {
  const type = node.get('name')?.text().toLowerCase() ?? ''
  const id = node.get('alias')?.text() ?? type
  for (const key of ['retry_limit', 'workers', 'match', 'match_regex']) node.get(key)?.use()
  const at = { id, from: node }
  const limit = node.get('storage.total_limit_size')?.text()
  const queue =
    limit === undefined ? undefined : { disk: limit.replace(/^(\d+)([kKMG])$/, '$1$2B'), when_full: 'drop_oldest' }
  switch (type) {
    case 'loki':
      draft.add('sinks', at, { type, inputs, queue, ...lokiOptions(node, draft) })
      break
    case 'stdout':
      node.get('json_date_key')?.use()
      node.get('json_date_format')?.use()
      if (node.get('format') !== undefined)
        draft.gap(node.get('format')!, 'lines are printed for people', 'log-capturer tail --json gives objects')
      draft.add('sinks', at, { type: 'console', inputs })
      break
    case 'file': {
      const folder = node.get('path')?.text() ?? '.'
      const file = node.get('file')?.text() ?? '{container.name}.log'
      const format = node.get('format')
      if (format !== undefined && !['json', 'plain', 'json_lines'].includes(format.text()))
        draft.gap(format, 'files are text or NDJSON', 'format: text writes the lines alone')
      node.get('mkdir')?.use()
      draft.add('sinks', at, { type, inputs, queue, path: `${folder.replace(/\/$/, '')}/${file}` })
      break
    }
    case 'null':
      draft.add('sinks', at, { type: 'blackhole', inputs })
      break
    default:
      fileInstead(draft, { node, name: id, inputs }, `an output "${type}" is not there`)
  }
}

function lokiOptions(node: InputNode, draft: Draft): Record<string, unknown> {
  const isTls = node.get('tls')?.isTrue() === true
  const host = node.get('host')?.text() ?? '127.0.0.1'
  const port = node.get('port')?.text() ?? '3100'
  const uri = node.get('uri')?.text() ?? '/loki/api/v1/push'
  const user = node.get('http_user')?.text()
  const token = node.get('bearer_token')?.text()
  const tenantKey = node.get('tenant_id_key')?.text()
  const tls: Record<string, string | boolean> = {}
  for (const [key, own] of [
    ['tls.ca_file', 'ca_file'],
    ['tls.crt_file', 'cert_file'],
    ['tls.key_file', 'key_file'],
    ['tls.vhost', 'server_name'],
  ] as const) {
    const value = node.get(key)?.text()
    if (value !== undefined) tls[own] = value
  }
  if (node.get('tls.verify')?.isTrue() === false) tls.insecure = true
  for (const key of ['drop_single_key', 'compress']) node.get(key)?.use()
  const format = node.get('line_format')
  if (format !== undefined)
    draft.gap(
      format,
      'Loki gets the text of a line, and its fields as structured metadata, not an object with both',
      'ask in LogQL for fields without | json',
    )
  const removed = node.get('remove_keys')
  if (removed !== undefined)
    draft.gap(removed, 'a sink takes no fields away', 'use a transform of type fields with remove before it')
  return {
    url: `${isTls ? 'https' : 'http'}://${host}:${port}${uri === '/loki/api/v1/push' ? '' : uri}`,
    tenant: tenantKey === undefined ? node.get('tenant_id')?.text() : placeholderOf(tenantKey),
    auth: user === undefined ? token && { token } : { username: user, password: node.get('http_passwd')?.text() ?? '' },
    tls: Object.keys(tls).length > 0 ? tls : undefined,
    labels: labelsOf(node, draft),
    metadata: metadataOf(node.get('structured_metadata'), draft),
  }
}

/** `job=fluent-bit, $stream, level=$level`, and label_keys. Without any, Fluent Bit sends job=fluent-bit. */
function labelsOf(node: InputNode, draft: Draft): object {
  const labels: Record<string, string> = {}
  for (const key of ['labels', 'label_keys']) {
    const option = node.get(key)
    for (const pair of (option?.texts() ?? []).flatMap((text) => text.split(',')).map((text) => text.trim())) {
      const [name, value] = pair.includes('=')
        ? [pair.slice(0, pair.indexOf('=')).trim(), pair.slice(pair.indexOf('=') + 1).trim()]
        : [keyOf(pair).replace(/\W/g, '_'), pair]
      const template = value.startsWith('$') && !value.startsWith('${') ? placeholderOf(value) : value
      if (/\{text\}/.test(template) || !/^[A-Za-z_]\w*$/.test(name))
        draft.gap(option!, `"${pair}" can be no label`, 'see labels in docs/reference/sink-loki.md')
      else labels[name] = template
    }
  }
  return Object.keys(labels).length > 0 ? labels : { job: 'fluent-bit' }
}

function metadataOf(node: InputNode | undefined, draft: Draft): object | undefined {
  const metadata: Record<string, string> = {}
  for (const pair of (node?.texts() ?? []).flatMap((text) => text.split(','))) {
    const [name = '', value = ''] = pair.split('=').map((text) => text.trim())
    const template = value.startsWith('$') ? placeholderOf(value) : value
    if (!template.startsWith('{fields.')) metadata[name] = template
    else if (template !== `{fields.${name}}`)
      draft.gap(node!, `the field goes by its own name, not "${name}"`, 'rename it with a transform of type fields')
  }
  return Object.keys(metadata).length > 0 ? metadata : undefined
}
