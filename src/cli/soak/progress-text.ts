import type { Progress } from '../../lab/run/options.ts'
import { formatDuration } from '../../lib/units.ts'
import { LiveText, type Terminal } from '../live-text.ts'

/** Redrawn in place on a terminal; elsewhere a line for each cycle. */
export class ProgressText {
  readonly #live: LiveText | undefined
  readonly #output: Terminal

  constructor(output: Terminal & { readonly isTTY?: boolean }) {
    this.#output = output
    this.#live = output.isTTY === true ? new LiveText(output) : undefined
  }

  show(progress: Progress): void {
    if (this.#live) this.#live.draw([headLine(progress), ...limitLines(progress)])
    else if (progress.phase === 'drain')
      this.#output.write(`${[headLine(progress), ...limitLines(progress)].join('; ')}\n`)
  }

  note(text: string): void {
    if (this.#live) this.#live.above(text)
    else this.#output.write(`${text}\n`)
  }

  clear(): void {
    this.#live?.draw([])
  }
}

function headLine(progress: Progress): string {
  const { cycle, cycles, phase, operations, linesWritten, linesDelivered, nextLook } = progress
  const of = cycles === undefined ? '' : ` of ${cycles}`
  const look = nextLook === undefined ? '' : `, next look after cycle ${nextLook}`
  const delivered = linesDelivered === undefined ? '' : `, ${count(linesDelivered)} delivered`
  return `cycle ${cycle}${of} (${phase}): ${count(operations)} operations, ${count(linesWritten)} lines written${delivered}${timeText(progress)}${look}`
}

function timeText({ seconds, secondsLeft, cycle, cycles }: Progress): string {
  // Of a run by cycles it is told from those that are over.
  const left =
    secondsLeft ?? (cycles === undefined || cycle < 2 ? undefined : (seconds / (cycle - 1)) * (cycles - cycle + 1))
  return left === undefined ? '' : `, ${formatDuration(Math.round(left) * 1_000 || 1_000)} left`
}

function limitLines({ limits }: Progress): readonly string[] {
  return limits.map(
    ({ name, low, high }) => `  ${name}: ${perThousand(low)} to ${perThousand(high)} per 1,000 operations`,
  )
}

function perThousand(rate: number): string {
  return String(Number((rate * 1_000).toPrecision(3)))
}

function count(value: number): string {
  return value.toLocaleString('en-US')
}
