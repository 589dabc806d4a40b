import type { FoundTime } from './found-time.ts'

const second = 1e9

/**
 * Fills the digits below what a time can say from the engine's. Many lines of a program have one time, of whole seconds or milliseconds: at a destination that orders lines by time they would lose their
 * order, and Loki takes two of them with one text for one. A line that the engine has within a second gets digits of the lower half of a step, in the order of the engine's times; any other has them in the upper half,
 * where they only tell lines apart. Computed of the line alone, so it is the same whenever the line is read again.
 */
export function digitsBelow(found: FoundTime, engine: { readonly seconds: number; readonly nanos: number }): void {
  const { resolution } = found
  if (resolution === 1) return
  const half = resolution / 2
  const delay = (engine.seconds - found.seconds) * second + engine.nanos - found.nanos
  const digits = delay >= 0 && delay < second ? (half * delay) / second : half + (engine.nanos % half)
  const nanos = found.nanos + Math.floor(digits)
  found.seconds += Math.floor(nanos / second)
  found.nanos = nanos % second
}
