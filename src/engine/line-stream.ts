import type { BuilderStream } from '../batch/builder.ts'
import type { Cursor } from '../batch/cursor.ts'
import type { Origin } from '../batch/origin.ts'

/** What the streams of one engine know of its clock. */
export interface EngineClock {
  /** Seconds since 1970 on the engine's host, as well as we know. */
  now(): number
  /**
   * Whether times of finer than a microsecond have been seen. Where they have, two lines of one stream never share a time
   * (200,000 lines on Docker 20.10 and 28.5, no case), so that the same line at the same time is a repeat. Podman's API shows whole seconds.
   */
  isFine: boolean
  /** Whether a follow sends no line again by itself, as Docker does from 23.0 on: what lies far below the cursor is a new line then. */
  readonly neverRepeats: boolean
}

/** Seconds by which a cursor must lie in the future before the engine's clock counts as set back. */
const clockToleranceSeconds = 1.5
/** By which a line must lie below the cursor to tell of a clock that was set back: streams that wait for each other never differ by that much. */
const setBackSeconds = 3

/** What `take` says of a line that is not new: the engine sent it again by itself, or because the read began before it. */
export const repeated = -1
export const overlapping = -2

/**
 * A read that began with a line which has been taken must show the last line that was taken, too, before it shows a new one. Where it does not, the engine's
 * clock was set back and forward again in between, and times do not tell what is new.
 */
export interface Proof {
  /** The stream whose cursor is the later one. */
  readonly latest: LineStream
  /** Lines that the read begins with and that were there before: by then the last line taken has come, or will not. */
  readonly lines: number
  /** Lines passed over so far. */
  passed: number
  isRefuted: boolean
}

/** How a line lies to its stream's cursor. */
export type LineRelation = 'taken' | 'perhaps' | 'new'

/**
 * One stream (stdout or stderr) of a container: its cursor, and the pieces of a line that is not complete.
 *
 * Rules, from measurements on Docker 20.10, 28.5 and Podman 4.3: the time of a stream's lines never goes back, so a line below the
 * cursor is one that the engine sends again (20.10 does at every rotation while following); reading goes on inclusively from the cursor's time,
 * and the lines already taken at that time are passed over by their number.
 */
export class LineStream implements BuilderStream {
  origin: Origin
  batchId = 0
  localIndex = 0

  seconds = -1
  nanos = 0
  count = 0
  /** Lines at the cursor's time that the present read still has to give again. */
  #owed = 0
  /** The present read has brought no new line yet: what it repeats was asked for. */
  #isResuming = false
  #isSeeking = false
  #proof: Proof | undefined
  /** A read has shown that times do not tell what is new: what stands behind the cursor's own line is. */
  #isDoubted = false
  /** The cursor's own line is not in the log, and times have to tell. */
  #isLost = false
  /** The greatest cursor before the engine's clock was set back, in seconds with their fraction; 0: it was not. */
  #ceilingSeconds = 0
  /** `performance.now()` of the last new line, while there is a ceiling. */
  #newAtMs = 0
  #prints: number[] = []
  #isInOrder = false
  readonly #clock: EngineClock

  /** Where the stream stands in a log file: the file's inode, 0 where it is not read from a file, and the end of the cursor's line in it. */
  inode = 0
  offset = 0

  /** Pieces of a line whose line feed has not come. */
  pieces: Buffer | undefined
  piecesLength = 0
  piecesSeconds = 0
  piecesNanos = 0
  piecesAreCut = false

  constructor(origin: Origin, clock: EngineClock, cursor: Cursor | undefined) {
    this.origin = origin
    this.#clock = clock
    if (cursor) {
      this.seconds = cursor.seconds
      this.nanos = cursor.nanos
      this.count = cursor.count
      if (cursor.place) {
        this.inode = cursor.place.inode
        this.offset = cursor.place.offset
      }
    }
  }

  /** Whether reading goes on somewhere; otherwise it begins with the first line. */
  get hasCursor(): boolean {
    return this.seconds > 0
  }

  cursor(): Cursor {
    const { seconds, nanos, count, inode, offset } = this
    return inode === 0 ? { seconds, nanos, count } : { seconds, nanos, count, place: { inode, offset } }
  }

  /** The lines follow under a new name (rename, labels); lines already taken keep the old one. */
  rename(origin: Origin): void {
    this.origin = origin
    this.batchId = 0
  }

  /** The engine's clock has not reached the cursor's time (again), or was set forward again: times do not tell what came after the line there. */
  get isAhead(): boolean {
    return this.count > 0 && (this.#isDoubted || this.#isFuture(this.seconds))
  }

  /** Whether the present read has brought a line of the cursor's time, or is known to have none to bring. */
  get hasShownCursor(): boolean {
    return this.#owed < this.count || this.#isLost
  }

  /** The proof was refuted: the next read looks for the cursor's own line. */
  doubt(): void {
    this.#isDoubted = this.count > 0
  }

  /** In a read of a stream that is ahead: the cursor's own line has not come. What comes after it is new, whatever its time. */
  get isSeeking(): boolean {
    return this.#isSeeking
  }

  /** The cursor's line is not in the log any more: all that is there came after it, or, where only a proof was missing, what is later. */
  forgetPlace(): void {
    if (this.#isDoubted) {
      this.#isDoubted = false
      this.#isSeeking = false
      this.#isLost = true
      return
    }
    this.seconds = -1
    this.nanos = 0
    this.count = 0
    this.#isSeeking = false
  }

  /** A read begins that includes the cursor's time: pieces of an earlier read are given again by this one. */
  beginRead(proof?: Proof): void {
    this.#isInOrder = false
    this.inode = 0
    this.#proof = proof
    this.#resume()
  }

  /**
   * A read of a log file begins, where every line after a new one is new, whatever its time. `atPlace`: the first line is new, too; otherwise the read
   * includes the cursor's time.
   */
  beginFile(atPlace: boolean): void {
    this.#isInOrder = true
    this.#isResuming = false
    this.#isSeeking = false
    if (atPlace || !this.hasCursor) this.dropPieces()
    else this.#resume()
  }

  /** Whether no line of the present read can be one that was taken before. */
  get isAllNew(): boolean {
    return this.#isInOrder && !this.#isResuming
  }

  #resume(): void {
    this.#owed = this.count
    this.#isResuming = true
    this.#isSeeking = this.isAhead
    this.dropPieces()
  }

  /** Whether the pieces are of a line of this time. */
  hasPiecesOf(seconds: number, nanos: number): boolean {
    return this.piecesSeconds === seconds && this.piecesNanos === nanos
  }

  dropPieces(): void {
    this.pieces = undefined
    this.piecesLength = 0
    this.piecesAreCut = false
  }

  /**
   * Whether a line of this time has been taken. At the cursor's own time that is sure only where one line was taken at it and the clock is
   * finer than a microsecond: of several lines that share a time, this may be any.
   */
  relationOf(seconds: number, nanos: number): LineRelation {
    if (seconds !== this.seconds)
      return seconds < this.seconds || this.#isFromBeforeStep(seconds, nanos) ? 'taken' : 'new'
    if (nanos !== this.nanos) return nanos < this.nanos ? 'taken' : 'new'
    return this.count <= 1 && nanos % 1000 !== 0 ? 'taken' : 'perhaps'
  }

  /**
   * Moves the cursor over a line. `print` is a number that equal lines share.
   * @returns the line's ordinal at its time (0 or more), or `repeated` or `overlapping` for a line that has been taken before.
   */
  take(seconds: number, nanos: number, print: number): number {
    if (this.isAllNew) return this.#takeNext(seconds, nanos)
    if (this.#isDoubted && (seconds !== this.seconds || nanos !== this.nanos)) return this.#passOver()
    if (seconds > this.seconds || (seconds === this.seconds && nanos > this.nanos)) {
      if (this.#isResuming && (this.#isFromBeforeStep(seconds, nanos) || this.#isRefuted())) return this.#passOver()
      this.#moveTo(seconds, nanos, print)
      return 0
    }
    if (seconds === this.seconds && nanos === this.nanos) return this.#takeAtCursor(print)
    // The read began before the cursor, and has not come to it yet.
    if (this.#isSeeking || (this.#isResuming && this.#owed > 0)) return this.#passOver()
    // The cursor lies in the engine's future: its clock was set back, and the line is a new one.
    const isSetBack = !this.#isResuming && this.#clock.neverRepeats && seconds < this.seconds - setBackSeconds
    if (isSetBack || this.#isFuture(this.seconds)) {
      this.#ceilingSeconds = this.#exactSeconds
      this.#moveTo(seconds, nanos, print)
      return 0
    }
    return this.#isResuming ? overlapping : repeated
  }

  #passOver(): number {
    const proof = this.#proof
    if (proof !== undefined) {
      proof.passed += 1
      if (proof.passed >= proof.lines && !proof.latest.hasShownCursor) proof.isRefuted = true
    }
    return overlapping
  }

  get #exactSeconds(): number {
    return this.seconds + this.nanos / 1e9
  }

  #isFuture(seconds: number): boolean {
    return seconds > this.#clock.now() + clockToleranceSeconds
  }

  /**
   * A time that the engine's clock has been at and will reach again: lines of such times stand before the cursor's. What its clock shows now
   * follows from the cursor, since what we know of it may be some seconds old.
   */
  #isFromBeforeStep(seconds: number, nanos: number): boolean {
    if (seconds + nanos / 1e9 > this.#ceilingSeconds) return false
    return seconds > this.seconds + (performance.now() - this.#newAtMs) / 1_000 + clockToleranceSeconds
  }

  /** Of a line that is new by its time. */
  #isRefuted(): boolean {
    const proof = this.#proof
    if (proof === undefined) return false
    if (!proof.latest.hasShownCursor) proof.isRefuted = true
    return proof.isRefuted
  }

  #moveTo(seconds: number, nanos: number, print: number): void {
    this.#isLost = false
    this.#isResuming = false
    this.#isSeeking = false
    if (this.#ceilingSeconds !== 0) {
      if (seconds + nanos / 1e9 > this.#ceilingSeconds) this.#ceilingSeconds = 0
      else this.#newAtMs = performance.now()
    }
    this.seconds = seconds
    this.nanos = nanos
    this.count = 1
    this.#owed = 0
    if (this.#prints.length === 1) this.#prints[0] = print
    else this.#prints = [print]
  }

  #takeNext(seconds: number, nanos: number): number {
    if (seconds === this.seconds && nanos === this.nanos) {
      this.count += 1
      return this.count - 1
    }
    if (seconds < this.seconds - setBackSeconds)
      this.#ceilingSeconds = Math.max(this.#ceilingSeconds, this.#exactSeconds)
    this.#moveTo(seconds, nanos, 0)
    return 0
  }

  #takeAtCursor(print: number): number {
    if (this.#owed > 0) {
      this.#owed -= 1
      if (this.#owed === 0) {
        this.#isSeeking = false
        if (this.#isDoubted) {
          this.#isDoubted = false
          this.#isInOrder = true
        }
        if (this.#isInOrder) this.#isResuming = false
      }
      if (this.#clock.isFine) this.#prints.push(print)
      return overlapping
    }
    if (this.#isInOrder) this.#isResuming = false
    else if (this.#clock.isFine) {
      if (this.#prints.includes(print)) return repeated
      this.#prints.push(print)
    }
    this.count += 1
    return this.count - 1
  }
}
