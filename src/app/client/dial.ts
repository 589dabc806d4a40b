import { X509Certificate } from 'node:crypto'
import { connect as connectNet, isIP, type Socket } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import type { ClientTls, CollectorTarget } from './target.ts'

/** Limit for a connection to stand, TLS included. */
const connectTimeoutMs = 5_000

/** Opens a socket to a collector; the caller owns it. On a time-out, a cancel or an error nothing stays open. Rejects with what the network says. */
export function dial({ url, tls = {} }: CollectorTarget, signal: AbortSignal): Promise<Socket> {
  const { protocol, hostname, port } = new URL(url)
  const host = hostname.replace(/^\[|\]$/g, '')
  const isTls = protocol === 'https:'
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason as Error)
      return
    }
    const socket = isTls
      ? connectTls({ host, port: Number(port || 443), ...tlsOptions(host, tls) })
      : connectNet({ host, port: Number(port || 80) })
    const settle = (outcome: () => void) => {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
      socket.removeListener('error', fail)
      outcome()
    }
    const fail = (error: Error) =>
      settle(() => {
        // Whatever the socket still says while it goes is no news.
        socket.on('error', () => undefined)
        socket.destroy()
        reject(error)
      })
    const onAbort = () => fail(signal.reason as Error)
    const timer = setTimeout(
      () => fail(new Error(`no connection within ${connectTimeoutMs / 1_000} s`)),
      connectTimeoutMs,
    )
    signal.addEventListener('abort', onAbort, { once: true })
    socket.once('error', fail)
    socket.once(isTls ? 'secureConnect' : 'connect', () => {
      if (isTls && !isPinned(socket as TLSSocket, tls))
        fail(new Error('its certificate is not the one in api.tls.cert_file of this configuration'))
      else settle(() => resolve(socket))
    })
  })
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
