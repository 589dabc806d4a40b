/**
 * Series of which the truth is known, to measure how often the rules err: used by the tests beside and by scripts/soak-calibrate.mjs.
 * A world says what happens besides the leak.
 */
export type CycleWorld = 'bare' | 'drained' | 'warm-up' | 'late step' | 'wandering pool'
export type HeapWorld = 'noise' | 'correlated' | 'warm-up' | 'step' | 'spikes' | 'wandering'
export type TimeWorld = 'noise' | 'churn' | 'step' | 'saw-tooth' | 'wave'

/** Uniform in [0, 1). */
export type Random = () => number

/** Mulberry32. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

/**
 * Counts at rest, one a cycle. `leak` items a cycle come by chance. Stragglers stay for some cycles in every world; in the `drained` one there are few, and
 * each for one cycle.
 */
export function cycleSeries(random: Random, world: CycleWorld, { cycles, leak }: { cycles: number; leak: number }) {
  const at = Array.from({ length: cycles }, (_, i) => i + 1)
  const [warm, pace] = world === 'bare' ? [0, 1] : [between(random, 5, 15), between(random, 0.3, 1.5)]
  const stepAt = random() * cycles
  const step = world === 'late step' ? (random() < 0.5 ? -3 : 3) : 0
  let pool = 2 * normal(random)
  let leaked = 0
  let stragglers = 0
  const values = at.map((cycle) => {
    leaked += poisson(random, leak)
    pool = 0.9 * pool + Math.sqrt(0.19) * 2 * normal(random)
    if (world === 'drained' || random() >= 0.3) stragglers = stragglersOf(random(), world === 'drained' ? 0.98 : 0.85)
    const held = world === 'wandering pool' ? Math.max(0, Math.round(pool + 3)) : 0
    return Math.round(
      100 + warm * (1 - Math.exp(-cycle / pace)) + (cycle >= stepAt ? step : 0) + held + leaked + stragglers,
    )
  })
  return { at, values }
}

/** Bytes of heap at rest, one reading a cycle, with 50 kB of noise. `leak` is in bytes a cycle. */
export function heapSeries(random: Random, world: HeapWorld, { cycles, leak }: { cycles: number; leak: number }) {
  const noise = 50_000
  const at = Array.from({ length: cycles }, (_, i) => i + 1)
  const memory = { noise: 0, correlated: 0.5, wandering: 0.9 }[world as string] ?? 0.3
  const [warm, pace] = world === 'warm-up' ? [noise * between(random, 5, 40), between(random, 0.5, 4)] : [0, 1]
  const stepAt = random() * cycles
  const step = world === 'step' ? noise * between(random, 2, 8) * (random() < 0.5 ? -1 : 1) : 0
  let wave = normal(random)
  const values = at.map((cycle) => {
    wave = memory * wave + Math.sqrt(1 - memory * memory) * normal(random)
    const spike = world === 'spikes' && random() < 0.1 ? -5 * Math.log(1 - random()) : 0
    const warmth = warm * (1 - Math.exp(-cycle / pace))
    return Math.round(2e7 + warmth + (cycle >= stepAt ? step : 0) + leak * cycle + noise * (wave + spike))
  })
  return { at, values }
}

export interface TimeOptions {
  readonly minutes: number
  readonly everyMinutes: number
  /** Noise forgets with this time constant; 0: at once. */
  readonly correlationMinutes: number
  /** A minute. */
  readonly leak: number
}

/** A count under load: warm-up, noise that is correlated, and what the world adds. */
export function timeSeries(random: Random, world: TimeWorld, options: TimeOptions) {
  const { minutes, everyMinutes, correlationMinutes, leak } = options
  const at = Array.from({ length: Math.round(minutes / everyMinutes) + 1 }, (_, i) => i * everyMinutes)
  const memory = correlationMinutes === 0 ? 0 : Math.exp(-everyMinutes / correlationMinutes)
  const [warm, pace] = world === 'noise' ? [0, 1] : [between(random, 5, 15), between(random, 0.3, 1.5)]
  const also = besides(random, world, minutes)
  let noise = normal(random)
  let leaked = 0
  const values = at.map((minute) => {
    leaked += poisson(random, leak * everyMinutes)
    noise = memory * noise + Math.sqrt(1 - memory * memory) * normal(random)
    return Math.round(100 + warm * (1 - Math.exp(-minute / pace)) + 3 * noise + also(minute) + leaked)
  })
  return { at, values }
}

function besides(random: Random, world: TimeWorld, minutes: number): (minute: number) => number {
  const phase = random()
  const stepAt = random() * minutes
  const step = random() < 0.5 ? -3 : 3
  const churn = (minute: number) => 4 * Math.sin(2 * Math.PI * (minute / 3 + phase))
  switch (world) {
    case 'noise':
      return () => 0
    case 'churn':
      return churn
    case 'step':
      return (minute) => churn(minute) + (minute >= stepAt ? step : 0)
    case 'saw-tooth':
      return (minute) => 20 * ((minute / 2 + phase) % 1)
    case 'wave':
      return (minute) => churn(minute) + 6 * Math.sin(2 * Math.PI * (minute / 45 + phase))
  }
}

/** Mostly none. */
function stragglersOf(chance: number, none: number): number {
  if (chance < none) return 0
  return chance < none + (1 - none) * 0.8 ? 1 : 2
}

function between(random: Random, from: number, to: number): number {
  return from + (to - from) * random()
}

/** Box and Muller. */
function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}

/** Knuth: for small means. */
export function poisson(random: Random, mean: number): number {
  const end = Math.exp(-mean)
  let count = 0
  for (let product = random(); product > end; product *= random()) count += 1
  return count
}
