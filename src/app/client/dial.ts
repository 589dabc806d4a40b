import { X509Certificate } from 'node:crypto'
import { connect as connectNet, isIP, type Socket } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { untilConnected } from '../../lib/until-connected.ts'
import type { ClientTls, CollectorTarget } from './target.ts'

/** Limit for a connection to stand, TLS included. */
const connectTimeoutMs = 5_000

/** Opens a socket to a collector; the caller owns it. On a time-out, a cancel or an error nothing stays open. Rejects with what the network says. */
export async function dial({ url, tls = {} }: CollectorTarget, signal: AbortSignal): Promise<Socket> {
  const { protocol, hostname, port } = new URL(url)
  const host = hostname.replace(/^\[|\]$/g, '')
  const isTls = protocol === 'https:'
  signal.throwIfAborted()
  const connecting = isTls
    ? connectTls({ host, port: Number(port || 443), ...tlsOptions(host, tls) })
    : connectNet({ host, port: Number(port || 80) })
  const timedOut = () => new Error(`no connection within ${connectTimeoutMs / 1_000} s`)
  const socket = await untilConnected(connecting, { timeoutMs: connectTimeoutMs, isTls, timedOut }, signal)
  if (!isTls || isPinned(socket as TLSSocket, tls)) return socket
  socket.destroy()
  throw new Error('its certificate is not the one in api.tls.cert_file of this configuration')
}

function tlsOptions(host: string, { ca, cert, key, pinned }: ClientTls) {
  return {
    // RFC 6066, 3: an address is no server name.
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    // One that is known need not be signed by anybody, nor have a name.
    rejectUnauthorized: pinned === undefined,
  }
}

function isPinned(socket: TLSSocket, { pinned }: ClientTls): boolean {
  if (pinned === undefined) return true
  return socket.getPeerX509Certificate()?.fingerprint256 === new X509Certificate(pinned).fingerprint256
}
