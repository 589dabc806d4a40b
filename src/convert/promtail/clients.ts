import type { Draft } from '../draft.ts'
import type { InputNode } from '../input-node.ts'
import { fileReference } from '../references.ts'
import { lokiUrl } from '../loki-url.ts'
import type { Job } from './job.ts'

/** A sink of type loki for each client. */
export function addClients(root: InputNode, draft: Draft, job: Job): void {
  const clients = [...(root.get('client')?.items() ?? []), ...(root.get('clients')?.items() ?? [])]
  if (clients.length === 0) {
    draft.gap(root, 'there are no clients', 'put the address of your Loki in the place of http://loki:3100')
    draft.add(
      'sinks',
      { id: `loki_${job.chain.name}`, from: root },
      {
        type: 'loki',
        inputs: job.chain.inputs,
        url: 'http://loki:3100',
        ...labelsOf(job, new Map(), root),
      },
    )
  }
  for (const client of clients) addClient(client, draft, job)
}

function addClient(client: InputNode, draft: Draft, job: Job): void {
  const { url, auth } = lokiUrl(client.get('url')?.text() ?? '')
  const external = new Map(
    [...(client.get('external_labels')?.entries ?? [])].map(([name, node]) => [name, node.text()]),
  )
  client.get('backoff_config')?.use()
  const name = client.get('name')?.text() || 'loki'
  draft.add(
    'sinks',
    { id: `${name}_${job.chain.name}`, from: client },
    {
      type: 'loki',
      inputs: job.chain.inputs,
      url,
      tenant: job.tenant ?? client.get('tenant_id')?.text(),
      auth: authOf(client, draft) ?? auth,
      tls: tlsOf(client),
      ...labelsOf(job, external, client),
      batch: batchOf(client),
      timeout: client.get('timeout')?.text(),
    },
  )
  for (const [key, why] of [
    ['headers', 'headers of your own are not sent'],
    ['proxy_url', 'no proxy is used'],
    ['drop_rate_limited_batches', 'what Loki has no room for is sent again, never dropped'],
  ] as const) {
    const node = client.get(key)
    if (node !== undefined)
      draft.gap(
        node,
        why,
        key === 'drop_rate_limited_batches'
          ? 'set queue.when_full: drop_oldest to drop lines when queues are full'
          : 'put a proxy between that does it',
      )
  }
}

function labelsOf({ labels, chain }: Job, external: ReadonlyMap<string, string>, client: InputNode): object {
  const sent: Record<string, string> = {}
  for (const [name, template] of [...external, ...labels]) {
    // Within braces stand placeholders; a text of the input with others cannot be told from them.
    const isKnown = /^[A-Za-z_]\w*$/.test(name) && !/[{}]/.test(template.replace(/\$?\{[\w.:-]+\}/g, ''))
    if (isKnown) sent[name] = template
    else chain.draft.gap(client, `"${name}: ${template}" can be no label`, 'see labels in docs/reference/sink-loki.md')
  }
  return { labels: Object.keys(sent).length > 0 ? sent : { container: '{container.name}' } }
}

function authOf(client: InputNode, draft: Draft): object | undefined {
  const basic = client.get('basic_auth')
  if (basic !== undefined) {
    const file = basic.get('password_file')?.text()
    const userFile = basic.get('username_file')?.text()
    return {
      username: userFile === undefined ? (basic.get('username')?.text() ?? '') : fileReference(userFile),
      password: file === undefined ? (basic.get('password')?.text() ?? '') : fileReference(file),
    }
  }
  const oauth = client.get('oauth2')
  if (oauth !== undefined) draft.gap(oauth, 'OAuth 2 is not spoken', 'put a token into auth.token')
  const authorization = client.get('authorization')
  const kind = authorization?.get('type')?.text() ?? 'Bearer'
  if (authorization !== undefined && kind !== 'Bearer') {
    draft.gap(authorization, `authorization of the type "${kind}" is not spoken`, 'use auth.token or auth.username')
    return undefined
  }
  const token = client.get('bearer_token')?.text() ?? authorization?.get('credentials')?.text()
  const file = client.get('bearer_token_file')?.text() ?? authorization?.get('credentials_file')?.text()
  if (token === undefined && file === undefined) return undefined
  return { token: token ?? fileReference(file!) }
}

function tlsOf(client: InputNode): object | undefined {
  const tls = client.get('tls_config')
  if (tls === undefined) return undefined
  const options: Record<string, string | boolean> = {}
  for (const key of ['ca_file', 'cert_file', 'key_file', 'server_name']) {
    const value = tls.get(key)?.text()
    if (value !== undefined) options[key] = value
  }
  if (tls.get('insecure_skip_verify')?.isTrue() === true) options.insecure = true
  return options
}

function batchOf(client: InputNode): object | undefined {
  const size = client.get('batchsize')?.number()
  const wait = client.get('batchwait')?.text()
  if (size === undefined && wait === undefined) return undefined
  return { ...(size !== undefined && { max_bytes: size }), ...(wait !== undefined && { max_age: wait }) }
}
