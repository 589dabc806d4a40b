import { connect as connectNet, type NetConnectOpts, type OnReadOpts, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import { codeOf, messageOf } from '../lib/error.ts'
import { untilConnected } from '../lib/until-connected.ts'
import { type EngineAddress, formatAddress } from './address.ts'
import { EngineUnreachable } from './engine-error.ts'

/** Addresses that a socket can be opened to; ssh becomes one of them first (see ssh-tunnel.ts). */
export type DialAddress = Exclude<EngineAddress, { kind: 'ssh' }>

/** Limit for a connection to stand, TLS included. */
const connectTimeoutMs = 10_000

/**
 * Opens a socket to the engine; the caller owns it. With `onread` the bytes go straight into the caller's buffer. On a time-out, a
 * cancel or an error nothing stays open. @throws EngineUnreachable
 */
export async function dial(address: DialAddress, onread: OnReadOpts | undefined, signal: AbortSignal): Promise<Socket> {
  signal.throwIfAborted()
  return await untilConnected(
    start(address, onread),
    {
      timeoutMs: connectTimeoutMs,
      isTls: address.kind === 'tls',
      timedOut: () => timedOut(address),
      failed: (error) => unreachable(address, error),
    },
    signal,
  )
}

function start(address: DialAddress, onread: OnReadOpts | undefined): Socket {
  const reading = onread ? { onread } : {}
  switch (address.kind) {
    case 'unix':
      return connectNet({ path: address.path, ...reading } as NetConnectOpts)
    case 'tcp':
      return connectNet({ host: address.host, port: address.port, noDelay: true, ...reading })
    case 'tls':
      return connectTls({
        host: address.host,
        port: address.port,
        ...(isIpAddress(address.host) ? {} : { servername: address.host }),
        ...(address.tls.ca === undefined ? {} : { ca: address.tls.ca }),
        ...(address.tls.cert === undefined ? {} : { cert: address.tls.cert }),
        ...(address.tls.key === undefined ? {} : { key: address.tls.key }),
        rejectUnauthorized: address.tls.isVerified,
        ...reading,
      } as unknown as ConnectionOptions)
  }
}

/** RFC 6066, 3: an address is no server name. */
function isIpAddress(host: string): boolean {
  return host.includes(':') || /^[\d.]+$/.test(host)
}

const hints: Readonly<Record<string, string>> = {
  ENOENT: 'is the engine running, and is this its socket?',
  ECONNREFUSED: 'is the engine running?',
  EACCES: 'this user may not use the socket: add it to the group that owns the socket (often "docker"), or run as root',
  ENOTFOUND: 'check the host name',
  DEPTH_ZERO_SELF_SIGNED_CERT: "name the folder of the engine's certificate authority in tls.cert_path",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "name the folder of the engine's certificate authority in tls.cert_path",
}

function unreachable(address: DialAddress, cause: Error): EngineUnreachable {
  const hint = hints[codeOf(cause) ?? '']
  return new EngineUnreachable(`cannot connect to the engine at ${formatAddress(address)}: ${messageOf(cause)}`, {
    cause,
    ...(hint === undefined ? {} : { hint }),
  })
}

function timedOut(address: DialAddress): EngineUnreachable {
  return new EngineUnreachable(
    `no connection to the engine at ${formatAddress(address)} after ${connectTimeoutMs / 1000} s`,
  )
}
