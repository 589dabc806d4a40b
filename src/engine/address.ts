import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf } from '../lib/error.ts'
import { AddressError } from './engine-error.ts'

export interface TlsFiles {
  /** PEM text; undefined leaves it to the system's trust, or to no client certificate. */
  readonly ca?: string | undefined
  readonly cert?: string | undefined
  readonly key?: string | undefined
  /** False takes any server certificate. */
  readonly isVerified: boolean
}

/** Where an engine listens. */
export type EngineAddress =
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'tls'; readonly host: string; readonly port: number; readonly tls: TlsFiles }
  | { readonly kind: 'ssh'; readonly destination: string; readonly port: number | undefined; readonly path: string }

/** What `DOCKER_CERT_PATH` names: a folder with ca.pem, cert.pem and key.pem. */
export interface TlsChoice {
  readonly certPath?: string | undefined
  readonly isVerified: boolean
}

/**
 * Reads an address as Docker writes it: `unix:///run/docker.sock`, `tcp://host:2375`, `https://host:2376`, `ssh://user@host:22/run/docker.sock`.
 * `tls` given makes `tcp://` a TLS address. @throws AddressError
 */
export function parseAddress(text: string, tls?: TlsChoice): EngineAddress {
  if (text.startsWith('/')) return { kind: 'unix', path: text }
  const match = /^([a-z]+):\/\/(.*)$/.exec(text)
  if (!match) throw invalid(text, 'it has no scheme')
  const [, scheme, rest] = match as unknown as [string, string, string]
  switch (scheme) {
    case 'unix':
      if (!rest.startsWith('/')) throw invalid(text, 'the path of a socket begins with "/"')
      return { kind: 'unix', path: rest }
    case 'tcp':
    case 'http':
    case 'https':
      return parseNetwork(text, scheme, tls)
    case 'ssh':
      return parseSsh(text)
    default:
      throw invalid(text, `the scheme "${scheme}" is not known`)
  }
}

/** `unix:///run/docker.sock` and so on, for messages. */
export function formatAddress(address: EngineAddress): string {
  switch (address.kind) {
    case 'unix':
      return `unix://${address.path}`
    case 'ssh':
      return `ssh://${address.destination}${address.port === undefined ? '' : `:${address.port}`}${address.path}`
    case 'tcp':
    case 'tls':
      return `tcp://${address.host.includes(':') ? `[${address.host}]` : address.host}:${address.port}`
  }
}

function parseNetwork(text: string, scheme: string, tls: TlsChoice | undefined): EngineAddress {
  const url = parseUrl(text.replace(/^[a-z]+:/, 'http:'), text)
  const isTls = tls !== undefined || scheme === 'https'
  const host = url.hostname.replace(/^\[|\]$/g, '') || '127.0.0.1'
  // 2375 and 2376 are Docker's registered ports, plain and TLS; URL drops ":80" as the default of http.
  const written = /:(\d+)\/?$/.exec(text)?.[1]
  const port = written === undefined ? (isTls ? 2376 : 2375) : Number(written)
  if (!isTls) return { kind: 'tcp', host, port }
  return { kind: 'tls', host, port, tls: tls ? readTlsFiles(tls) : { isVerified: true } }
}

function parseSsh(text: string): EngineAddress {
  const url = parseUrl(text, text)
  if (url.password !== '') throw invalid(text, 'a password is not taken: use a key or an agent')
  // A name that begins with "-" would be an option to the ssh client.
  if (url.hostname === '' || url.hostname.startsWith('-') || url.username.startsWith('-'))
    throw invalid(text, 'it names no host')
  const destination = url.username === '' ? url.hostname : `${decodeURIComponent(url.username)}@${url.hostname}`
  const path = url.pathname === '' || url.pathname === '/' ? '/var/run/docker.sock' : decodeURIComponent(url.pathname)
  return { kind: 'ssh', destination, port: url.port === '' ? undefined : Number(url.port), path }
}

function parseUrl(text: string, shown: string): URL {
  try {
    return new URL(text)
  } catch (cause) {
    throw invalid(shown, messageOf(cause))
  }
}

function readTlsFiles(choice: TlsChoice): TlsFiles {
  if (choice.certPath === undefined) return { isVerified: choice.isVerified }
  const read = (name: string) => {
    const path = join(choice.certPath!, name)
    try {
      return readFileSync(path, 'utf8')
    } catch (cause) {
      throw new AddressError(`cannot read the TLS file ${path}: ${messageOf(cause)}`, {
        cause,
        hint: 'the folder must hold ca.pem, cert.pem and key.pem, readable by this user',
      })
    }
  }
  return { ca: read('ca.pem'), cert: read('cert.pem'), key: read('key.pem'), isVerified: choice.isVerified }
}

function invalid(text: string, why: string): AddressError {
  return new AddressError(`"${text}" is no engine address: ${why}`, {
    hint: 'write unix:///var/run/docker.sock, tcp://host:2375 or ssh://user@host',
  })
}
