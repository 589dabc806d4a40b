import { Semaphore } from '../lib/semaphore.ts'
import { linkSignals } from '../lib/wait.ts'
import { Connection } from './connection.ts'
import type { DialAddress } from './dial.ts'
import type { ConnectionLedger } from './ledger.ts'

export interface ConnectionPoolOptions {
  readonly address: DialAddress
  readonly ledger: ConnectionLedger
  /** Strict: beyond it `acquire` waits, first come first served. */
  readonly maxConnections: number
  /** How long a free connection is kept for the next request. */
  readonly idleTimeoutMs: number
}

/** A connection lent by the pool; it comes back by `release` or `destroy`, whichever is called first. */
export interface Lease {
  readonly connection: Connection
  /** Whether it had served another request: the engine may just be closing it. */
  readonly isReused: boolean
  /** Gives it back for the next request. */
  release(): void
  /** Closes it; resolves when its descriptor is gone. */
  destroy(reason: 'aborted' | 'error' | 'shutdown' | 'not_reusable'): Promise<void>
}

/** The connections for log streams and bounded log reads of one engine. */
export class ConnectionPool implements AsyncDisposable {
  readonly #options: ConnectionPoolOptions
  readonly #permits: Semaphore
  readonly #all = new Set<Connection>()
  readonly #idle: Connection[] = []
  readonly #closing = new AbortController()

  constructor(options: ConnectionPoolOptions) {
    this.#options = options
    this.#permits = new Semaphore(options.maxConnections)
  }

  /** A free connection, or a new one. `fresh` never takes a used one. @throws EngineUnreachable */
  async acquire(choice: 'any' | 'fresh', signal: AbortSignal): Promise<Lease> {
    using either = linkSignals(signal, this.#closing.signal)
    const permit = await this.#permits.acquire(either.signal)
    try {
      const used = choice === 'any' ? this.#takeIdle() : undefined
      return this.#lend(used ?? (await this.#open(either.signal)), permit)
    } catch (error) {
      permit[Symbol.dispose]()
      throw error
    }
  }

  async #open(signal: AbortSignal): Promise<Connection> {
    const connection = await Connection.open(this.#options.address, this.#options.ledger, signal)
    this.#all.add(connection)
    void connection.gone.then(() => this.#all.delete(connection))
    return connection
  }

  #takeIdle(): Connection | undefined {
    // The one used last is the least likely to be closed by the engine just now.
    for (let connection = this.#idle.pop(); connection; connection = this.#idle.pop()) {
      if (connection.isOpen) return connection
    }
    return undefined
  }

  #lend(connection: Connection, permit: Disposable): Lease {
    const { ledger, idleTimeoutMs } = this.#options
    const isReused = connection.served > 0
    ledger.requestStarted()
    if (isReused) ledger.requestReused()
    let isLent = true
    const giveBack = () => {
      if (!isLent) return false
      isLent = false
      ledger.requestEnded()
      permit[Symbol.dispose]()
      return true
    }
    return {
      connection,
      isReused,
      release: () => {
        if (!giveBack()) return
        if (!connection.isOpen) return
        connection.idle(idleTimeoutMs)
        this.#idle.push(connection)
      },
      destroy: async (reason) => {
        giveBack()
        await connection.destroy(reason)
      },
    }
  }

  /** Closes every connection, lent ones too; resolves when all descriptors are gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(new Error('the connection pool is closing'))
    await Promise.all([...this.#all].map((connection) => connection.destroy('shutdown')))
  }
}
