import type { LineRelation } from './line-stream.ts'
import type { LineWriter, PieceRules } from './line-writer.ts'
import type { LogStreams } from './log-streams.ts'

export interface BodyReaderOptions {
  readonly streams: LogStreams
  readonly writer: LineWriter
  readonly rules: PieceRules
  /**
   * Called for the first line, before it is taken, with how it lies to its stream's cursor; the answer says whether to read on.
   * Undefined: read everything.
   */
  readonly onFirstLine?: (relation: LineRelation) => boolean
}

/** Takes the body of a log response apart into lines. */
export interface BodyReader {
  /** The next bytes of the body. @throws FrameError when they are not in the engine's log format. */
  feed(bytes: Buffer, from: number, to: number): void
  /** Whether a line has begun whose end has not come: bytes of a frame, or pieces without a line feed. */
  readonly isWithinLine: boolean
  /** The log ends here for good: what has no line feed yet is a line, too. */
  finish(): void
}
