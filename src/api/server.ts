import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import type { Hono } from 'hono'
import { codeOf, LogCapturerError, messageOf } from '../lib/error.ts'

/** The HTTP port cannot be opened. */
export class ListenError extends LogCapturerError {
  readonly code = 'API_LISTEN'
}

export interface ListenAddress {
  readonly host: string
  readonly port: number
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

  /**
   * `onAcceptError` is told of connections that the system could not give us, for want of memory or descriptors perhaps: the server goes on.
   * @throws ListenError
   */
  static async open(listen: ListenAddress, app: Hono, onAcceptError: (error: Error) => void): Promise<ApiServer> {
    // Left to itself the library replaces the process's own Request and Response.
    const handle = getRequestListener((request) => app.fetch(request), { overrideGlobalObjects: false })
    const server = createServer((request, response) => void handle(request, response))
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
