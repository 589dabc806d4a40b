import type { ServerResponse } from 'node:http'
import type { ContainerLog, LogFollower } from './container-log.ts'
import type { SimulatedContainer } from './container.ts'
import type { Daemon } from './daemon.ts'
import type { BodyFault } from './faults.ts'
import type { LogReader } from './log-reader.ts'

/** Written at once; the socket says after each whether it wants more. */
const writeBytes = 65_536
const lineEnd = Buffer.from('\r\n')
const lastChunk = Buffer.from('0\r\n\r\n')
/** No stream has the number 0x7f, and the length is absurd. */
const garbage = Buffer.from([0x7f, 0xde, 0xad, 0xbe, 0xef, 0x00, 0xff, 0x13, ...Buffer.from('garbage\n')])
const hugeHead = Buffer.from([1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff])

export interface LogBodyOptions {
  readonly response: ServerResponse
  readonly reader: LogReader
  readonly container: SimulatedContainer
  readonly log: ContainerLog
  readonly engine: Daemon
  /** HTTP/1.0 knows no chunks. */
  readonly isChunked: boolean
}

/**
 * Sends what a reader reads until the reader is at its limit. The body is chunked here and not by node:http, because the
 * engine makes one chunk of each frame and because faults cut bodies within a chunk.
 */
export class LogBody implements LogFollower {
  readonly #options: LogBodyOptions
  #sent = 0
  /** Rotations since it had read everything. */
  #rotationsBehind = 0
  #isBlocked = false
  #isOver = false
  #wakeUp: NodeJS.Immediate | undefined

  constructor(options: LogBodyOptions) {
    this.#options = options
    const { response, log } = options
    // node:http must not chunk what is chunked already; it still keeps the connection for the next request.
    response.flushHeaders()
    response.chunkedEncoding = false
    response.on('drain', () => {
      this.#isBlocked = false
      this.#pump()
    })
    response.on('close', () => {
      this.#isOver = true
      clearImmediate(this.#wakeUp)
      log.followers.delete(this)
    })
    log.followers.add(this)
    this.wake()
  }

  wake(): void {
    if (this.#wakeUp || this.#isBlocked || this.#isOver) return
    this.#wakeUp = setImmediate(() => {
      this.#wakeUp = undefined
      this.#pump()
    })
  }

  fileEnded(): void {
    const { reader, engine } = this.#options
    this.#pump()
    if (this.#isOver) return
    this.#rotationsBehind = reader.isAtEnd ? 0 : this.#rotationsBehind + 1
    const { rotationRepeats, rotationsUntilSkip } = engine.flavor
    if (reader.isAtEnd && rotationRepeats) reader.stepBack()
    else if (this.#rotationsBehind >= rotationsUntilSkip) reader.skipToEnd()
    this.#pump()
  }

  runEnded(recordEnd: number): void {
    this.#options.reader.limit(recordEnd)
    this.wake()
  }

  #pump(): void {
    const { response, reader, engine, container, isChunked } = this.#options
    while (!this.#isBlocked && !this.#isOver) {
      const fault = engine.faults.bodyFaultFor(container)
      const before = reader.bytesRead
      const bytes = isChunked && !fault ? reader.readChunked(writeBytes) : reader.readFrame()
      if (!bytes) break
      const bodyBytes = reader.bytesRead - before
      if (fault && this.#sent + bodyBytes > fault.atByte) this.#strike(fault, bytes)
      else this.#send(fault ? this.#chunk(bytes) : bytes, bodyBytes)
    }
    if (this.#isOver || this.#isBlocked || !reader.isAtLimit) return
    this.#isOver = true
    response.end(isChunked ? lastChunk : undefined)
  }

  /** The fault fires in `frame`, or before it. */
  #strike(fault: BodyFault, frame: Buffer): void {
    const { response, engine } = this.#options
    engine.faults.fireBody(fault)
    const whole = this.#chunk(frame)
    const room = Math.max(0, fault.atByte - this.#sent)
    switch (fault.kind) {
      case 'reset':
      case 'stall': {
        // The chunk promises the whole frame.
        const part = whole.subarray(0, whole.indexOf('\n') + 1 + room)
        this.#isOver = true
        this.#options.engine.countBody(room)
        response.write(part, () => {
          if (fault.kind === 'reset') response.destroy()
        })
        return
      }
      case 'cut-frame':
        if (room > 0) this.#send(this.#chunk(frame.subarray(0, room)), room)
        this.#isOver = true
        response.end(this.#options.isChunked ? lastChunk : undefined)
        return
      case 'garbage-frame':
        this.#send(this.#chunk(garbage), garbage.length)
        this.#send(whole, frame.length)
        return
      case 'huge-frame':
        this.#send(this.#chunk(hugeHead), hugeHead.length)
        this.#send(whole, frame.length)
    }
  }

  #chunk(bytes: Buffer): Buffer {
    if (!this.#options.isChunked) return bytes
    return Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, lineEnd])
  }

  #send(wireBytes: Buffer, bodyBytes: number): void {
    this.#sent += bodyBytes
    this.#options.engine.countBody(bodyBytes)
    if (!this.#options.response.write(wireBytes)) this.#isBlocked = true
  }
}
