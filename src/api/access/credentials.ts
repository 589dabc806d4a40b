import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { TLSSocket } from 'node:tls'

/** `viewer`: what only tells. `admin`: what changes something, too. `writer`: lines may be posted, and nothing else. */
export type Role = 'viewer' | 'admin' | 'writer'

export type Credential = { readonly role: Role } & (
  | { readonly token: string }
  | { readonly username: string; readonly password: string }
  | { readonly certificate: string }
)

/** Who is known, and as what. Secrets are compared by their digests, all of them each time: how long it takes tells nothing of them. */
export class Credentials {
  readonly #secrets: readonly { readonly digest: Buffer; readonly role: Role }[]
  readonly #names: readonly { readonly name: string; readonly role: Role }[]
  /** What a client is told to come with: WWW-Authenticate. */
  readonly challenge: string
  readonly isEmpty: boolean

  constructor(credentials: readonly Credential[]) {
    this.isEmpty = credentials.length === 0
    this.#secrets = credentials.flatMap((one) =>
      'certificate' in one ? [] : [{ digest: digestOf(headerOf(one)), role: one.role }],
    )
    this.#names = credentials.flatMap((one) =>
      'certificate' in one ? [{ name: one.certificate, role: one.role }] : [],
    )
    // A browser that is asked for a user asks its own, and the page, which takes a token, cannot.
    const takesToken = credentials.some((one) => 'token' in one)
    this.challenge = takesToken ? 'Bearer realm="log-capturer"' : 'Basic realm="log-capturer", charset="UTF-8"'
  }

  /** All roles that the request shows. */
  rolesOf(request: IncomingMessage): readonly Role[] {
    return [...this.#rolesBySecret(request.headers.authorization), ...this.#rolesByCertificate(request)]
  }

  #rolesBySecret(header: string | undefined): readonly Role[] {
    if (header === undefined) return []
    const digest = digestOf(normalized(header))
    return this.#secrets
      .map((secret) => (timingSafeEqual(secret.digest, digest) ? secret.role : undefined))
      .filter((role) => role !== undefined)
  }

  #rolesByCertificate({ socket }: IncomingMessage): readonly Role[] {
    if (this.#names.length === 0 || !(socket instanceof TLSSocket) || !socket.authorized) return []
    const { CN: name } = socket.getPeerCertificate().subject
    return this.#names.filter((one) => one.name === '*' || one.name === name).map(({ role }) => role)
  }
}

function headerOf(
  credential: { readonly token: string } | { readonly username: string; readonly password: string },
): string {
  if ('token' in credential) return `bearer ${credential.token}`
  return `basic ${credential.username}:${credential.password}`
}

/** The scheme may be written in any case (RFC 9110, 11.1), and Base64 of one text in more than one way. */
function normalized(header: string): string {
  const [, scheme = '', rest = ''] = /^(\S+) +(.*)$/.exec(header) ?? []
  const isBasic = scheme.toLowerCase() === 'basic'
  return `${scheme.toLowerCase()} ${isBasic ? Buffer.from(rest, 'base64').toString() : rest}`
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
