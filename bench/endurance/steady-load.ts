/** Lines at a steady rate into the log files of some containers, which turn over as Docker's do. */
import { closeSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { sleep } from '../../src/lib/wait.ts'
import { formatTimestamp } from '../../src/lib/timestamp.ts'
import { SeededRandom } from '../../src/simulator/random.ts'
import { recordOf } from '../input/json-file.ts'
import { lines } from '../input/lines.ts'
import { nowMs } from '../receiver/messages.ts'

const tickMs = 10
/** As `max-size=10m` and `max-file=3` do. */
const maxFileBytes = 10_000_000
const maxFiles = 3

export interface SteadyLoad {
  readonly paths: readonly string[]
  readonly linesPerSecond: number
  readonly seconds: number
}

/** Writes until the time is over. A tick that comes late writes what it has missed. @returns how many lines */
export async function writeSteadily(
  { paths, linesPerSecond, seconds }: SteadyLoad,
  signal: AbortSignal,
): Promise<number> {
  const source = lines(new SeededRandom(1))
  const files = paths.map((path) => new TurningFile(path))
  try {
    const total = seconds * linesPerSecond
    const beganAtMs = performance.now()
    let number = 0
    while (number < total) {
      await sleep(tickMs, signal)
      const due = Math.min(total, Math.floor(((performance.now() - beganAtMs) / 1000) * linesPerSecond))
      const texts = new Array<string>(paths.length).fill('')
      const first = number
      const ms = Math.floor(nowMs())
      for (; number < due; number++) {
        // No two lines of a stream have one time.
        const time = formatTimestamp(Math.floor(ms / 1000), (ms % 1000) * 1e6 + (number - first) * 10 + 1)
        texts[number % paths.length]! += recordOf(source.next().value, time)
      }
      for (const [i, file] of files.entries()) file.write(texts[i]!)
    }
    return total
  } finally {
    for (const file of files) file.close()
  }
}

class TurningFile {
  readonly #path: string
  #file: number
  #bytes = 0

  constructor(path: string) {
    this.#path = path
    this.#file = openSync(path, 'a')
  }

  write(text: string): void {
    if (text === '') return
    if (this.#bytes >= maxFileBytes) this.#turn()
    this.#bytes += writeSync(this.#file, text)
  }

  close(): void {
    closeSync(this.#file)
  }

  #turn(): void {
    closeSync(this.#file)
    rmSync(`${this.#path}.${maxFiles - 1}`, { force: true })
    for (let age = maxFiles - 2; age >= 0; age--) {
      const name = age === 0 ? this.#path : `${this.#path}.${age}`
      renameIfThere(name, `${this.#path}.${age + 1}`)
    }
    this.#file = openSync(this.#path, 'a')
    this.#bytes = 0
  }
}

function renameIfThere(from: string, to: string): void {
  try {
    renameSync(from, to)
  } catch {
    // The first turns have no older files.
  }
}
