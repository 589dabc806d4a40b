import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer, Server as TlsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { codeOf, LogCapturerError, messageOf } from '../lib/error.ts'

/** The HTTP port cannot be opened. */
export class ListenError extends LogCapturerError {
  readonly code = 'API_LISTEN'
}

export interface ListenAddress {
  readonly host: string
  readonly port: number
}

/** PEM texts. */
export interface ServerTls {
  readonly cert: string
  readonly key: string
  /** Authorities of client certificates, which are asked for where this is given. */
  readonly ca?: string
}

export interface ServerOptions {
  readonly listen: ListenAddress
  /** Gives what answers; asked when the first request comes. */
  readonly listener: () => Promise<RequestListener>
  /** Not given: HTTP. */
  readonly tls?: ServerTls | undefined
  /** Open at a time; further ones are closed at once. */
  readonly maxConnections: number
  /** Told of connections that the system could not give us, for want of memory or descriptors perhaps: the server goes on. */
  readonly onAcceptError: (error: Error) => void
}

/** A server that listens no more gives the last answers so long. */
const lastAnswerMs = 1_000

/** An HTTP server that owns its connections: closing it closes them, idle and busy ones. */
export class ApiServer implements AsyncDisposable {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #closed: Promise<unknown> | undefined

  private constructor(server: Server) {
    this.#server = server
    server.on('connection', (socket) => {
      this.#sockets.add(socket)
      socket.once('close', () => this.#sockets.delete(socket))
    })
  }

  /** @throws ListenError */
  static async open({ listen, listener, tls, maxConnections, onAcceptError }: ServerOptions): Promise<ApiServer> {
    let loaded: Promise<RequestListener> | undefined
    const answer: RequestListener = (request, response) => {
      loaded ??= listener()
      // What cannot be loaded is a broken installation: the connection ends, and the collector goes on.
      loaded.then((handle) => handle(request, response)).catch(() => request.socket.destroy())
    }
    const server = tls ? createTlsServer(secureOptions(tls), answer) : createServer(answer)
    server.maxConnections = maxConnections
    const api = new ApiServer(server)
    server.listen(listen.port, listen.host)
    try {
      await once(server, 'listening')
    } catch (cause) {
      const shown = formatAddress(listen)
      throw new ListenError(`cannot listen on ${shown}: ${messageOf(cause)}`, {
        cause,
        hint:
          codeOf(cause) === 'EADDRINUSE'
            ? 'another program, perhaps another collector, has this port: set api.listen to a free one'
            : 'set api.listen to an address of this host',
      })
    }
    server.on('error', onAcceptError)
    return api
  }

  /** Where it listens: the port that the system chose, where 0 was asked for. */
  get address(): ListenAddress {
    const { address, port } = this.#server.address() as AddressInfo
    return { host: address, port }
  }

  /** Other certificates, from the next connection on. */
  renew(tls: ServerTls): void {
    if (this.#server instanceof TlsServer) this.#server.setSecureContext(secureOptions(tls))
  }

  /** Connections that clients hold open. */
  get connections(): number {
    return this.#sockets.size
  }

  /** Listens no more; what is being answered gets a moment. Resolves when every connection is closed. */
  async retire(): Promise<void> {
    const closed = this.#close()
    const timer = setTimeout(() => this.#destroyConnections(), lastAnswerMs)
    await closed
    clearTimeout(timer)
  }

  #close(): Promise<unknown> {
    if (this.#closed === undefined) {
      this.#closed = once(this.#server, 'close')
      this.#server.close()
    }
    return this.#closed
  }

  #destroyConnections(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = this.#close()
    this.#destroyConnections()
    await closed
  }
}

function formatAddress({ host, port }: ListenAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

/** A client without a certificate, or with one of somebody else's, comes in as nobody: what it may is not decided here. */
function secureOptions({ cert, key, ca }: ServerTls) {
  const clients = ca === undefined ? {} : { ca, requestCert: true, rejectUnauthorized: false }
  return { cert, key, ...clients, minVersion: 'TLSv1.2' as const }
}
