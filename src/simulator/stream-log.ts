import { isAscii } from 'node:buffer'
import type { EngineClock } from './clock.ts'
import type { ContainerLog } from './container-log.ts'
import { Copier, type PiecePlace } from './copier.ts'
import type { Flavor } from './flavor.ts'
import { toValidUtf8 } from './utf8.ts'

const lineFeed = 10

export interface StreamLogOptions {
  readonly clock: EngineClock
  readonly flavor: Flavor
  /** Undefined: the driver keeps nothing. */
  readonly log: ContainerLog | undefined
  readonly isLocalFormat: boolean
  /** Memory that the log may hold; the oldest lines go first. */
  readonly maxLogBytes: number
}

/** What the engine does with the bytes of one stream of a container: cuts, stamps, keeps and counts them. */
export class StreamLog {
  /** Lines that the engine has taken; a line counts when its first piece is taken. */
  lines = 0
  /** Bytes of those lines, line feeds included. */
  bytes = 0
  readonly #options: StreamLogOptions
  readonly #copier: Copier
  /** Reused for every line, so that stamping allocates nothing. */
  readonly #record: { readonly stream: 1 | 2; seconds: number; nanos: number }
  /** Once a stream has shown bytes beyond ASCII, its pieces are checked one by one. */
  #isAscii = true

  constructor(stream: 1 | 2, options: StreamLogOptions) {
    this.#options = options
    this.#record = { stream, seconds: 0, nanos: 0 }
    const { pieceBytes, isPodman } = options.flavor
    this.#copier = new Copier({ pieceBytes, cutsAtReads: isPodman }, (bytes, start, end, place) =>
      this.#append(bytes, start, end, place),
    )
  }

  write(bytes: Buffer): void {
    if (this.#isAscii) this.#isAscii = isAscii(bytes)
    this.#copier.write(bytes)
  }

  /** The process has ended. Says whether that made a last line without a line feed. */
  end(): boolean {
    return this.#copier.flush()
  }

  #append(bytes: Buffer, start: number, end: number, place: PiecePlace): void {
    const { clock, log, isLocalFormat, flavor, maxLogBytes } = this.#options
    const isNewLine = place === 'whole' || place === 'first'
    this.bytes += end - start
    if (isNewLine) this.lines += 1
    // All pieces of a line carry the time of the first; in Podman each has that of its own read.
    if (isNewLine || flavor.isPodman) {
      clock.read()
      this.#record.seconds = clock.seconds
      this.#record.nanos = clock.nanos
    }
    if (!log) return
    if (isLocalFormat) {
      const isCut = place === 'last' && flavor.localOmitsLineFeed && bytes[end - 1] === lineFeed
      log.append(this.#record, bytes, start, isCut ? end - 1 : end)
    } else if (this.#isAscii) {
      log.append(this.#record, bytes, start, end)
    } else {
      const text = toValidUtf8(bytes.subarray(start, end))
      log.append(this.#record, text, 0, text.length)
    }
    while (log.heldBytes > maxLogBytes && log.dropOldest() > 0);
  }
}
