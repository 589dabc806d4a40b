import type { Socket } from 'node:net'
import { deferred } from '../lib/wait.ts'
import { type DialAddress, dial } from './dial.ts'
import type { CloseReason, ConnectionLedger } from './ledger.ts'
import { ReadPacer } from './read-pacer.ts'

/** Who has the connection at present: gets its bytes and its end. */
export interface ConnectionUser {
  /** `bytes` up to `length` were read; valid during the call only. False: read no more until `resume`. */
  read(bytes: Buffer, length: number): boolean
  /** The connection is gone; with the error if it did not go quietly. Called once at the most. */
  closed(error: Error | undefined): void
}

/**
 * What every socket of the process reads into: the kernel's answer is taken apart before the next read begins, so a thousand quiet
 * streams need one buffer. 64 KiB is what one read of a busy unix socket gives at the most.
 */
const readBuffer = Buffer.allocUnsafeSlow(64 * 1024)

/** Quiet connections over a network are probed by the kernel, so that a vanished host is noticed. */
const keepAliveProbeMs = 30_000

/** One socket to the engine: from `open` until `destroy`, for one user at a time. */
export class Connection {
  readonly #socket: Socket
  readonly #ledger: ConnectionLedger
  readonly #gone = deferred()
  #user: ConnectionUser | undefined
  #reason: CloseReason = 'peer'
  #isOpen = true
  readonly #pacer = new ReadPacer()
  /** Nothing is read because the user wants no more now, or for a moment, by the pacer. */
  #isHeld = false
  #isPaused = false
  readonly #goOn = () => {
    this.#isPaused = false
    if (!this.#isHeld) this.#resume()
  }
  /** Requests that have been sent over it. */
  served = 0

  private constructor(socket: Socket, ledger: ConnectionLedger) {
    this.#socket = socket
    this.#ledger = ledger
  }

  static async open(address: DialAddress, ledger: ConnectionLedger, signal: AbortSignal): Promise<Connection> {
    const reader: { connection?: Connection } = {}
    const onread = {
      buffer: readBuffer,
      // Bytes that come before anybody has asked for something are answered by closing.
      callback: (length: number) => reader.connection?.onRead(length) ?? false,
    }
    const socket = await dial(address, onread, signal)
    reader.connection = new Connection(socket, ledger)
    reader.connection.#start(address)
    return reader.connection
  }

  #start(address: DialAddress): void {
    this.#ledger.connectionOpened()
    if (address.kind !== 'unix') this.#socket.setKeepAlive(true, keepAliveProbeMs)
    this.#socket.on('error', (error) => this.#end(error, 'error'))
    this.#socket.on('end', () => this.#end(undefined, 'peer'))
    this.#socket.on('timeout', () => this.#end(new Error('nothing came for too long'), this.#user ? 'error' : 'idle'))
    this.#socket.once('close', () => {
      this.#end(undefined, this.#reason)
      this.#ledger.connectionClosed(this.#reason)
      this.#gone.resolve()
    })
  }

  get isOpen(): boolean {
    return this.#isOpen
  }

  /** For the socket only. */
  onRead(length: number): boolean {
    if (!this.#user) {
      this.#end(undefined, 'peer')
      return false
    }
    this.#isHeld = !this.#user.read(readBuffer, length)
    if (this.#isHeld) return false
    this.#isPaused = this.#pacer.mayPause(length, this.#goOn)
    return !this.#isPaused
  }

  /** Gives the connection to `user` and sends its request. `idleTimeoutMs` 0: silence may last for ever. */
  send(user: ConnectionUser, request: string, idleTimeoutMs: number): void {
    this.#user = user
    this.served += 1
    this.#socket.setTimeout(idleTimeoutMs)
    this.#socket.write(request, 'latin1')
    this.resume()
  }

  /** The user is done with it; after `idleTimeoutMs` without a new one it closes by itself. */
  idle(idleTimeoutMs: number): void {
    this.#user = undefined
    this.#socket.setTimeout(idleTimeoutMs)
  }

  /** Reads on, after the user's `read` has said that it wants no more. */
  resume(): void {
    this.#isHeld = false
    if (!this.#isPaused) this.#resume()
  }

  #resume(): void {
    if (this.#isOpen) this.#socket.resume()
  }

  /** Closes at once, whatever is going on; any number of times. Resolves when the descriptor is gone. */
  async destroy(reason: CloseReason): Promise<void> {
    this.#end(new Error('it was closed from this side'), reason)
    await this.#gone.promise
  }

  /** Resolves when the descriptor is gone, by whatever cause. */
  get gone(): Promise<void> {
    return this.#gone.promise
  }

  #end(error: Error | undefined, reason: CloseReason): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#reason = reason
    const user = this.#user
    this.#user = undefined
    this.#socket.destroy()
    user?.closed(error)
  }
}
