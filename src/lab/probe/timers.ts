import { createRequire } from 'node:module'

/** Of lib/internal/timers.js, as Node 20 to 24 have it: all that wait, in a ring for each duration, which begins and ends with its list. */
interface TimersInside {
  readonly timerListMap: Readonly<Record<string, Ring>>
}

interface Ring {
  readonly _idleNext: Ring | TimerInside
}

interface TimerInside extends Ring {
  readonly _idleTimeout: number
  readonly _repeat: number | null
  readonly _onTimeout: { readonly name?: string } | null
}

/** Node opens it with `--expose-internals`. */
const inside = createRequire(import.meta.url)('internal/timers') as TimersInside

/** The timers that wait, by what they are: how many of each. Those that do not keep the process alive are among them. */
export function waitingTimers(): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const list of Object.values(inside.timerListMap))
    for (const timer of timersOf(list)) {
      const name = nameOf(timer)
      counts.set(name, (counts.get(name) ?? 0) + 1)
    }
  return counts
}

function* timersOf(list: Ring): Generator<TimerInside> {
  for (let next = list._idleNext; next !== list; next = next._idleNext) yield next as TimerInside
}

function nameOf({ _idleTimeout, _repeat, _onTimeout }: TimerInside): string {
  const kind = _repeat === null ? 'time-out' : 'interval'
  const name = _onTimeout?.name ?? ''
  return `${kind} of ${Math.round(_idleTimeout)} ms${name === '' ? '' : ` for ${name}`}`
}
