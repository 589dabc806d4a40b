import type { Finding, RisesEvidence } from './growth.ts'
import { poissonHigh, poissonLow, rareCount } from './poisson.ts'
import { normalQuantile } from './student.ts'

/** The first readings are warm-up, whatever they show. */
export const shortestWarmUp = 4
/** The last readings share one floor: nothing after them could show that they come down. */
const tail = 3
/**
 * Lasting rises that a run without a leak is allowed to have on average: so many that three have a chance of 1 %. Measured is less (decision 013);
 * a smaller level asks for more rises accordingly.
 */
const strayRises = 0.436
const fewestRises = 3
/** A leak is still one without its largest rise: at least so much is left. */
const restOfLeak = 2
/** With fewer judged readings than that a leak has `moreInShortRun` more rises: a pool that wanders has not come back yet. */
const shortRun = 12
const moreInShortRun = 2
const fewestJudged = 5
/** In standard deviations of the rises. */
const doubtOfSearch = 0.15
/** Standard normal, one-sided: 1 % to say that a resource settles, and 5 % that it still does. A fast leak passes the first one. */
const settlingZ = -2.326
const stillSettlingZ = -1.645
/** Settling at least halves the rises, nearly; a fast leak that is a little slower by chance, or by the end of the warm-up, does not. */
const settlingRatio = 0.6

/**
 * Judges a count (descriptors, sockets, goroutines) that was read once a cycle, at rest: a leak is a floor that never comes back down. The floor
 * at a reading is the least of it and all later ones; what it rises by, and how often, is judged.
 *
 * `at` are the places on the axis, `counts` the readings, as many; each limit has the chance `level` of being wrong.
 */
export function judgeRises(at: readonly number[], counts: readonly number[], level: number): Finding {
  const last = Math.max(0, counts.length - tail)
  const steps = differences(floorsOf(counts, last))
  const warmUp = settledFrom(steps, last)
  const judged = steps.slice(warmUp, last)
  const evidence = evidenceOf({ at, counts, judged, warmUp, last, level })
  if (judged.length < fewestJudged)
    return {
      kind: 'unjudged',
      reason: `at least ${shortestWarmUp + fewestJudged + tail} readings are needed`,
      evidence,
    }
  if (warmUp > counts.length / 2)
    return { kind: 'unjudged', reason: 'the resource is still settling: most of its rises are early', evidence }
  const { rises, risen, largestRise, risesNeeded, dispersion, fallen, drift, exposure } = evidence
  const isLasting =
    rises >= risesNeeded && risen - largestRise >= restOfLeak && (fallen === 0 || drift >= normalQuantile(level))
  // One item more or less may stand at an end of the judged part, and the search for its beginning scatters a little.
  const doubt = 1 + doubtOfSearch * Math.sqrt(risen)
  const low = isLasting ? (poissonLow(Math.max(0, risen - doubt) / dispersion, level) * dispersion) / exposure : 0
  const high = (poissonHigh((risen + doubt) / dispersion, level) * dispersion) / exposure
  return { kind: 'growth', growth: { rate: risen / exposure, low, high, level }, isLeak: low > 0, evidence }
}

interface Judged {
  readonly at: readonly number[]
  readonly counts: readonly number[]
  readonly judged: readonly number[]
  readonly warmUp: number
  readonly last: number
  readonly level: number
}

function evidenceOf({ at, counts, judged, warmUp, last, level }: Judged): RisesEvidence {
  const walk = differences(eroded(counts)).slice(warmUp)
  const squares = sum(walk.map((step) => step * step))
  const exposure = Math.max(0, (at[last] ?? 0) - (at[warmUp] ?? 0))
  const risesNeeded =
    Math.max(fewestRises, rareCount(strayRises, level)) + (judged.length < shortRun ? moreInShortRun : 0)
  return {
    rule: 'rises',
    readings: counts.length,
    warmUp,
    exposure,
    rises: judged.filter((step) => step > 0).length,
    risen: sum(judged),
    largestRise: Math.max(0, ...judged),
    risesNeeded,
    // One rise to spare: two of them may come in one cycle.
    detectableRate: poissonHigh(risesNeeded, level) / exposure,
    dispersion: dispersionOf(judged),
    fallen: sum(walk.map((step) => Math.max(0, -step))),
    drift: squares === 0 ? 0 : sum(walk) / Math.sqrt(squares),
  }
}

/** Future minima; from `last` on all the same. */
export function floorsOf(counts: readonly number[], last: number): readonly number[] {
  const floors = [...counts]
  for (let i = floors.length - 2; i >= 0; i--) floors[i] = Math.min(floors[i]!, floors[i + 1]!)
  return floors.map((floor, i) => (i > last ? floors[last]! : floor))
}

/** Each reading, or a lower neighbour: what stands out for a single reading is gone. */
function eroded(counts: readonly number[]): readonly number[] {
  return counts.map((count, i) => Math.min(count, counts[i - 1] ?? count, counts[i + 1] ?? count))
}

/** The index from which on the rises no longer bunch early. */
function settledFrom(steps: readonly number[], last: number): number {
  const stride = Math.max(1, Math.floor(steps.length / 20))
  let from = shortestWarmUp
  let z = settlingZ
  while (last - from >= fewestJudged && isSettling(steps.slice(from, last), z)) {
    from += stride
    z = stillSettlingZ
  }
  return from
}

/** Laplace's trend test on the places of the rises, and a decline that matters. */
function isSettling(steps: readonly number[], z: number): boolean {
  const risen = sum(steps)
  if (risen < 4) return false
  const meanPlace = sum(steps.map((step, i) => (step * (i + 0.5)) / steps.length)) / risen
  if ((meanPlace - 0.5) * Math.sqrt(12 * risen) >= z) return false
  const half = steps.length / 2
  const late = sum(steps.slice(Math.ceil(half)))
  return late < settlingRatio * sum(steps.slice(0, Math.floor(half)))
}

/** 1 for single items that come by chance; larger where they come in batches. */
function dispersionOf(steps: readonly number[]): number {
  const risen = sum(steps)
  if (risen === 0) return 1
  const ratio = sum(steps.map((step) => step * step)) / risen
  // Single items have 1 + their mean number a step here.
  return ratio > risen / steps.length + 1.5 ? Math.max(1, ratio) : 1
}

function differences(values: readonly number[]): readonly number[] {
  return values.slice(1).map((value, i) => value - values[i]!)
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
