import type { SeededRandom } from '../../simulator/random.ts'

/** How the process of a container comes to its end, once its lines are written; or that it lives on as long as the lab does. */
export type Ending = 'exits' | 'fails' | 'is stopped' | 'is killed' | 'lives on'

/** From a start of a container to its end: one stream opened and closed by whoever follows it. */
export interface RunPlan {
  readonly lines: number
  readonly lineBytes: number
  readonly ending: Ending
}

/** A container from its creation to its removal. */
export interface Life {
  readonly runs: readonly [RunPlan, ...RunPlan[]]
  /** The engine keeps so little of its log that it rotates within a run. */
  readonly isRotating: boolean
}

/** What goes wrong meanwhile. */
export type Fault = 'streams cut' | 'sink refuses' | 'sink hangs up' | 'engine restart'

export interface CyclePlan {
  readonly lives: readonly Life[]
  /** Each strikes once, spread over the cycle. */
  readonly faults: readonly Fault[]
}

export interface PlanOptions {
  /** Runs in the cycle. */
  readonly operations: number
  /** Lines in a run on the average. */
  readonly linesPerRun: number
  readonly faults: readonly Fault[]
}

const mostRuns = 4
const endings = ['exits', 'exits', 'exits', 'fails', 'is stopped', 'is killed'] as const
/** One container in so many rotates its log: it writes much more than the others. */
const rotatingOneIn = 40
const rotatingLines = 10
/** Each kind of fault strikes in one cycle of so many. */
const faultOneIn = 3
/** One of them in a cycle: both together make a sender wait longer, the more often it fails in a row, than a drain may take. */
export const sinkFaults: readonly Fault[] = ['sink refuses', 'sink hangs up']

/** The lives that make up a cycle of `operations` runs; the same random numbers give the same plan. */
export function planCycle(random: SeededRandom, { operations, linesPerRun, faults }: PlanOptions): CyclePlan {
  const lives: Life[] = []
  for (let left = operations; left > 0; ) {
    const count = Math.min(left, 1 + Math.floor(random.next() * mostRuns))
    lives.push(planLife(random, count, linesPerRun))
    left -= count
  }
  const struck = faults.filter(() => random.next() < 1 / faultOneIn)
  const [first] = struck.filter((fault) => sinkFaults.includes(fault))
  return { lives, faults: struck.filter((fault) => fault === first || !sinkFaults.includes(fault)) }
}

function planLife(random: SeededRandom, count: number, linesPerRun: number): Life {
  const isRotating = random.next() < 1 / rotatingOneIn
  const factor = isRotating ? rotatingLines : 1
  const run = (): RunPlan => ({
    lines: factor * (1 + Math.floor(random.next() * (2 * linesPerRun - 1))),
    lineBytes: 60 + Math.floor(random.next() * 240),
    ending: random.pick(endings),
  })
  return { runs: [run(), ...Array.from({ length: count - 1 }, run)], isRotating }
}
