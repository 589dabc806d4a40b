import { once } from 'node:events'
import { rename, rm } from 'node:fs/promises'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

export type Listen = { readonly socketPath: string } | { readonly host: string; readonly port: number }

export interface ConnectionCounts {
  opened: number
  closed: number
}

/** The listening socket of a running daemon, and the connections made to it. */
export class EngineServer implements AsyncDisposable {
  readonly #server: Server
  readonly #listen: Listen
  readonly #sockets: Set<Socket>

  private constructor(server: Server, listen: Listen, sockets: Set<Socket>) {
    this.#server = server
    this.#listen = listen
    this.#sockets = sockets
  }

  static async open(listen: Listen, counts: ConnectionCounts, onRequest: RequestListener): Promise<EngineServer> {
    const sockets = new Set<Socket>()
    // dockerd closes no idle connection and gives up on no slow request.
    const server = createServer({ keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 0 }, onRequest)
    server.on('connection', (socket) => {
      counts.opened += 1
      sockets.add(socket)
      socket.once('close', () => {
        counts.closed += 1
        sockets.delete(socket)
      })
    })
    if ('socketPath' in listen) {
      // Bound elsewhere and moved: so the path can be taken over from a killed daemon, and stays when this one is killed.
      const temporary = `${listen.socketPath}.new`
      await rm(temporary, { force: true })
      server.listen(temporary)
      await once(server, 'listening')
      await rename(temporary, listen.socketPath)
    } else {
      server.listen(listen.port, listen.host)
      await once(server, 'listening')
    }
    return new EngineServer(server, listen, sockets)
  }

  /** Where it listens; the port is the real one where 0 was asked for. */
  get address(): Listen {
    if ('socketPath' in this.#listen) return this.#listen
    return { host: this.#listen.host, port: (this.#server.address() as AddressInfo).port }
  }

  /** Ends every connection as the end of the process would; what has been written is still sent. */
  dropConnections(): void {
    for (const socket of this.#sockets) socket.destroySoon()
  }

  /** The process is killed: connections are cut, and the path of the socket stays behind. */
  async kill(): Promise<void> {
    const isClosed = new Promise<void>((resolve) => void this.#server.close(() => resolve()))
    for (const socket of this.#sockets) socket.destroy()
    await isClosed
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill()
    if ('socketPath' in this.#listen) await rm(this.#listen.socketPath, { force: true })
  }
}
