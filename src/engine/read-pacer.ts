/** Reads that follow each other within this time are of one run. */
const gapMs = 3
/** A run of so many small reads is a sender that writes line by line, faster than a read is worth. */
const fewReads = 8
/** So many bytes are worth a read. */
const fullBytes = 32 * 1024
/** For as long nothing is read then. The buffer of a socket holds some hundred lines: a longer pause would hold up the sender. */
const pauseMs = 1

const paused: (() => void)[] = []

/**
 * Says when to leave a socket alone for a moment. Docker writes each line of a log by itself, and whoever reads as soon as there is something makes a
 * read, and a turn of the event loop, for every few lines: most of the cost of a line.
 */
export class ReadPacer {
  #lastAtMs = Number.NEGATIVE_INFINITY
  #reads = 0

  /** After a read of so many bytes. True: nothing is to be read until `goOn` is called, a moment later. */
  mayPause(bytes: number, goOn: () => void): boolean {
    const nowMs = performance.now()
    this.#reads = nowMs - this.#lastAtMs < gapMs ? this.#reads + 1 : 0
    this.#lastAtMs = nowMs
    if (this.#reads < fewReads || bytes >= fullBytes) return false
    if (paused.push(goOn) === 1) setTimeout(resumeAll, pauseMs)
    return true
  }
}

/** One timer for all sockets: there may be thousands. */
function resumeAll(): void {
  for (const goOn of paused.splice(0)) goOn()
}
