/** 1 stdout, 2 stderr. */
export type StreamNumber = number

export interface LogLine {
  readonly stream: StreamNumber
  /** `2026-11-23T12:48:58.320504526Z`, the engine's. */
  readonly time: string
  /** Without its line feed. */
  readonly text: string
}

const headBytes = 8
const timeLength = 30

/**
 * Reads the lines of a log response, simply: frames as they come (`stream 00 00 00 length`, then `time SP text`, pieces of a line following each
 * other until one ends in LF), or plain lines of `time SP text` where the container has a terminal, which no frame begins like.
 */
export class LogLines {
  readonly #onLine: (line: LogLine) => void
  readonly #begun = new Map<StreamNumber, { time: string; text: string }>()
  #rest: Buffer = Buffer.alloc(0)

  constructor(onLine: (line: LogLine) => void) {
    this.#onLine = onLine
  }

  feed(bytes: Buffer): void {
    let rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes])
    for (let length = nextLength(rest); length !== undefined && rest.length >= length; length = nextLength(rest)) {
      if (rest[0]! <= 2) this.#take(rest[0]!, rest.toString('utf8', headBytes, length))
      else this.#take(1, rest.toString('utf8', 0, length).replace('\r\n', '\n'))
      rest = rest.subarray(length)
    }
    this.#rest = rest
  }

  /** The log has ended: what had no line feed is a line too. */
  finish(): void {
    for (const [stream, begun] of this.#begun) this.#onLine({ stream, ...begun })
    this.#begun.clear()
  }

  #take(stream: StreamNumber, record: string): void {
    const begun = this.#begun.get(stream) ?? { time: record.slice(0, timeLength), text: '' }
    begun.text += record.slice(timeLength + 1)
    if (begun.text.endsWith('\n')) {
      this.#begun.delete(stream)
      this.#onLine({ stream, time: begun.time, text: begun.text.slice(0, -1) })
    } else this.#begun.set(stream, begun)
  }
}

/** Of the frame or line that begins here; undefined: that cannot be told yet. */
function nextLength(bytes: Buffer): number | undefined {
  if (bytes.length === 0) return undefined
  if (bytes[0]! <= 2) return bytes.length < headBytes ? undefined : headBytes + bytes.readUInt32BE(4)
  const end = bytes.indexOf('\n')
  return end === -1 ? undefined : end + 1
}
