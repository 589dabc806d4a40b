import type { LiveObjects } from './live-objects.ts'

/** As Node 20 to 24 keep them (lib/internal/timers.js). */
interface TimerInside {
  readonly _destroyed?: boolean
  readonly _idleTimeout?: number
  readonly _repeat?: number | null
  readonly _onTimeout?: { readonly name?: string } | null
}

const timerPrototype = prototypeOfTimers()

/** The timers that wait, by what they are: how many of each. Those that do not keep the process alive are among them. */
export function waitingTimers(objects: LiveObjects): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  objects.each(timerPrototype, (timers) => {
    for (const timer of timers) {
      // The prototype itself is among its heirs' instances on some versions.
      if (timer._destroyed !== false || (timer._idleTimeout ?? -1) < 0) continue
      const name = nameOf(timer)
      counts.set(name, (counts.get(name) ?? 0) + 1)
    }
  })
  return counts
}

function nameOf({ _idleTimeout, _repeat, _onTimeout }: TimerInside): string {
  const kind = _repeat == null ? 'time-out' : 'interval'
  const name = _onTimeout?.name ?? ''
  return `${kind} of ${Math.round(_idleTimeout ?? 0)} ms${name === '' ? '' : ` for ${name}`}`
}

function prototypeOfTimers(): TimerInside {
  const timer = setTimeout(() => undefined, 0)
  clearTimeout(timer)
  return Object.getPrototypeOf(timer) as TimerInside
}
