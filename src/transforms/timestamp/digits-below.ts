import type { FoundTime } from './found-time.ts'

const second = 1e9

/**
 * Fills the digits below what a time can say by how long after it the engine has the line. Many lines of a program have one time, of whole seconds or milliseconds: at a destination that orders lines by time they
 * would lose their order, and Loki takes two of them with one text for one. The later the engine has a line, the larger these digits are, and they stay below one step: with `d` the delay and `r` the step,
 * `r * d / (d + 1 s)`. Computed of the line alone, so it is the same whenever the line is read again.
 */
export function digitsBelow(found: FoundTime, engine: { readonly seconds: number; readonly nanos: number }): void {
  const { resolution } = found
  if (resolution === 1) return
  const delay = (engine.seconds - found.seconds) * second + engine.nanos - found.nanos
  if (delay <= 0) return
  const nanos = found.nanos + Math.floor((resolution * delay) / (delay + second))
  found.seconds += Math.floor(nanos / second)
  found.nanos = nanos % second
}
