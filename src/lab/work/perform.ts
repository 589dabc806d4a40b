import { setMaxListeners } from 'node:events'
import type { Receiver } from '../delivery/receiver.ts'
import type { Tally } from '../delivery/tally.ts'
import type { LoadEngine } from '../engine/load-engine.ts'
import { abortable, sleep } from '../../lib/wait.ts'
import type { CyclePlan, Fault, Life, RunPlan } from './plan.ts'

export interface Workplace {
  readonly engine: LoadEngine
  /** Containers that live at the same time. */
  readonly containers: number
  /** Of all containers together, at the most. */
  readonly linesPerSecond: number | undefined
  /** Where the lines of the program under test arrive; undefined: nobody tells. */
  readonly delivery: { readonly tally: Tally; readonly receiver: Receiver | undefined } | undefined
  /** What has been done, by kind; counted on. */
  readonly done: Record<string, number>
  /** Lines that the runs so far write. */
  linesWritten: number
  /** `performance.now()` before which no run begins, where the lines have a rate. */
  nextRunAtMs: number
}

/** How long a container is left after a run where nobody tells that its lines have arrived: time to be read. */
const blindPauseMs = 300
const refusals = 3
const standingLines = 3

/**
 * Lives the lives of the plan, so many at a time, and lets its faults strike in between. A container is removed when its lines have arrived: what the engine has
 * thrown away nobody can read. `firstRun` is the number of the first run; gives back the one after the last.
 */
export async function performCycle(
  plan: CyclePlan,
  firstRun: number,
  place: Workplace,
  signal: AbortSignal,
): Promise<number> {
  // One listener for each container at a time, by design.
  setMaxListeners(0, signal)
  const waiting = [...plan.lives]
  const strikeAt = new Map(plan.faults.map((fault, i) => [faultPlace(i, plan), fault]))
  let nextRun = firstRun
  const work = async () => {
    for (let life = waiting.shift(); life !== undefined; life = waiting.shift()) {
      const fault = strikeAt.get(waiting.length)
      const run = nextRun
      nextRun += life.runs.length
      if (fault !== undefined) await strike(fault, place, signal)
      await live(life, run, place, signal)
    }
  }
  await Promise.all(Array.from({ length: place.containers }, work))
  return nextRun
}

/** The faults are spread evenly; the place is the number of lives that are still to come. */
function faultPlace(index: number, { lives, faults }: CyclePlan): number {
  return Math.floor((lives.length * (index + 1)) / (faults.length + 1))
}

/** Starts containers that write a few lines and then live on until the engine is closed. Their runs have the numbers 1 to `count`. */
export async function startStanding(count: number, place: Workplace, signal: AbortSignal): Promise<void> {
  // Each of them waits for its end, by design.
  setMaxListeners(0, signal)
  const plan: RunPlan = { lines: standingLines, lineBytes: 100, ending: 'lives on' }
  for (let run = 1; run <= count; run++) {
    const container = await place.engine.create({ runs: [plan], isRotating: false }, run, signal)
    place.delivery?.tally.expect(run)
    await container.start(signal)
    place.delivery?.tally.wrote(run, plan.lines)
    place.linesWritten += plan.lines
    tick(place.done, 'standing')
    await arrival(run, place, signal)
  }
}

async function live(life: Life, firstRun: number, place: Workplace, signal: AbortSignal): Promise<void> {
  const { engine, delivery, done } = place
  const container = await engine.create(life, firstRun, signal)
  tick(done, 'created')
  for (const [index, plan] of life.runs.entries()) {
    const run = firstRun + index
    await pace(place, plan.lines, signal)
    delivery?.tally.expect(run)
    await container.start(signal)
    tick(done, index === 0 ? 'started' : 'started again')
    delivery?.tally.wrote(run, plan.lines)
    place.linesWritten += plan.lines
    const mustBeEnded = plan.ending === 'is stopped' || plan.ending === 'is killed'
    if (mustBeEnded) {
      await arrival(run, place, signal)
      await container.end(plan.ending, signal)
    }
    await container.ended(signal)
    tick(done, plan.ending)
    if (!mustBeEnded) await arrival(run, place, signal)
  }
  await container.remove(signal)
  tick(done, 'removed')
  if (life.isRotating) tick(done, 'rotated')
}

/** Waits until the lines of one more run are due. */
async function pace(place: Workplace, lines: number, signal: AbortSignal): Promise<void> {
  if (place.linesPerSecond === undefined) return
  const now = performance.now()
  const dueAtMs = Math.max(place.nextRunAtMs, now)
  place.nextRunAtMs = dueAtMs + (lines / place.linesPerSecond) * 1_000
  if (dueAtMs > now) await sleep(dueAtMs - now, signal)
}

async function arrival(run: number, { delivery }: Workplace, signal: AbortSignal): Promise<void> {
  await (delivery ? abortable(delivery.tally.arrived(run), signal) : sleep(blindPauseMs, signal))
}

async function strike(fault: Fault, { engine, delivery, done }: Workplace, signal: AbortSignal): Promise<void> {
  tick(done, fault)
  if (fault === 'sink refuses') delivery?.receiver?.refuse(refusals)
  else if (fault === 'sink hangs up') delivery?.receiver?.hangUp(refusals)
  else await engine.strike(fault, signal)
}

function tick(done: Record<string, number>, what: string): void {
  done[what] = (done[what] ?? 0) + 1
}
