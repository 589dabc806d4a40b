import { LogCapturerError } from '../lib/error.ts'

/** Lines that a destination refused at one time for one reason. */
export interface DeadLetter {
  readonly id: string
  readonly sink: string
  readonly reason: string
  /** RFC 3339. */
  readonly rejectedAt: string
  readonly lines: number
  /** Bytes of the lines' text. */
  readonly bytes: number
  /** How often the lines have been refused. */
  readonly attempts: number
}

export interface DeadLetterLine {
  /** RFC 3339, with nanoseconds. */
  readonly time: string
  readonly container: string
  readonly stream: 'stdout' | 'stderr'
  /** The line, where its bytes are UTF-8. */
  readonly text?: string
  /** The line's bytes, where they are not. */
  readonly base64?: string
}

export interface OpenedDeadLetter extends DeadLetter {
  /** The first of them, up to the limit that was asked for; `lines` says how many there are. */
  readonly content: readonly DeadLetterLine[]
}

export interface DeadLetterList {
  /** The folder whose letters these are, absolute and without symbolic links. */
  readonly dataDir: string
  /** All that there are, by sink. */
  readonly totals: readonly { readonly sink: string; readonly letters: number; readonly lines: number }[]
  /** Bytes on disk, of all. */
  readonly bytes: number
  /** The oldest first. */
  readonly letters: readonly DeadLetter[]
  /** Where the next part of the list begins: `after` of the next call; undefined: this is the last. */
  readonly next: string | undefined
  readonly replay: ReplayState | undefined
}

export interface DeadLetterQuery {
  readonly sink?: string | undefined
  readonly after?: string | undefined
  /** Letters at most. */
  readonly limit: number
}

/** Which letters. */
export type DeadLetterSelection =
  | { readonly ids: readonly string[] }
  | { readonly sink: string }
  | { readonly all: true }

export interface ReplayRequest {
  readonly selection: DeadLetterSelection
  readonly linesPerSecond: number
}

/** How the running replay, or the last one, does. */
export interface ReplayState {
  readonly isRunning: boolean
  /** RFC 3339. */
  readonly startedAt: string
  /** Letters that have been sent again and answered. */
  readonly letters: number
  readonly linesDelivered: number
  /** Lines that were refused once more: they are kept. */
  readonly linesRejected: number
  /** Letters that stay because there is no sink of that name, by name. */
  readonly withoutSink: Readonly<Record<string, number>>
  /** Letters that were asked for and are not there. */
  readonly missing: readonly string[]
  /** Letters that are damaged on disk: they stay. */
  readonly damaged: readonly string[]
  /** Why the sink cannot deliver now: the letter is tried again for some time. */
  readonly trouble: string | undefined
  /** Why it ended early; undefined: it has not. */
  readonly failure: string | undefined
}

export interface DroppedLetters {
  readonly letters: number
  /** Letters that were asked for and are not there. */
  readonly missing: readonly string[]
}

/** What can be done with the dead letters of a data_dir, whoever has them open. */
export interface DeadLetterOffice {
  list(query: DeadLetterQuery): Promise<DeadLetterList>
  /** Undefined: there is none of this id. */
  read(id: string, limit: { readonly lines: number }): Promise<OpenedDeadLetter | undefined>
  drop(selection: DeadLetterSelection): Promise<DroppedLetters>
  /** Begins to send letters again. @throws ReplayRunningError */
  replay(request: ReplayRequest): Promise<ReplayState>
  /** Undefined: there was none since this office was opened. */
  replayState(): Promise<ReplayState | undefined>
}

/** One replay at a time. */
export class ReplayRunningError extends LogCapturerError {
  readonly code = 'REPLAY_RUNNING'

  constructor() {
    super('dead letters are being replayed already', {
      hint: 'GET /api/v1/dead-letters/replay says how far it is; begin the next one when it has ended',
    })
  }
}
