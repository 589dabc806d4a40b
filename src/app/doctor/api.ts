import { connect } from 'node:net'
import type { Finding } from '../../component/examination.ts'
import { LogCapturerError } from '../../lib/error.ts'
import { readApiTls } from '../api-tls.ts'
import { apiUrl } from '../api-url.ts'
import { CollectorClient } from '../client/collector-client.ts'
import { targetOf } from '../client/target.ts'
import type { CollectorConfig } from '../registries.ts'

const connectTimeoutMs = 2_000

/** Can the port be had, or does the collector that runs answer there, and can its certificate be used? */
export async function examineApi(
  config: CollectorConfig,
  processId: number | undefined,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const { listen, tls } = config.api
  const pushed = config.sources.find(({ type }) => type === 'push')
  if (listen === 'off' && pushed) {
    const text = `nobody can post lines to the source "${pushed.id}": api.listen is off`
    return [{ status: 'mend', subject: 'api', text, cure: 'set api.listen, or take the source out' }]
  }
  if (listen === 'off' || listen.port === 0) return []
  const url = apiUrl(listen, tls ? 'https' : 'http')
  try {
    readApiTls(config.api)
    if (processId !== undefined) {
      await using client = new CollectorClient(targetOf(config))
      await client.text('/health/live', signal)
      return [{ status: 'ok', subject: 'api', text: `the collector answers at ${url}` }]
    }
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof LogCapturerError)) throw error
    return [{ status: 'mend', subject: 'api', text: error.message, cure: error.hint }]
  }
  if (!(await isTaken(new URL(url)))) return [{ status: 'ok', subject: 'api', text: `${url} is free` }]
  const cure = 'stop what listens there, perhaps another collector, or set api.listen to another port'
  return [{ status: 'mend', subject: 'api', text: `another program listens at ${url}`, cure }]
}

/** Whether somebody takes connections there. */
function isTaken({ hostname, port }: URL): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) })
    const settle = (taken: boolean) => {
      socket.destroy()
      resolve(taken)
    }
    socket.setTimeout(connectTimeoutMs, () => settle(false))
    socket.once('connect', () => settle(true)).on('error', () => settle(false))
  })
}
