import { Owned } from '../../lib/owned.ts'
import { isAbortOf, linkSignals } from '../../lib/wait.ts'
import { SeededRandom } from '../../simulator/random.ts'
import type { RunRecord } from '../../soak/run-record.ts'
import { Receiver } from '../delivery/receiver.ts'
import { Tally } from '../delivery/tally.ts'
import { openSimulatedLoadEngine } from '../engine/simulated-load-engine.ts'
import { recordOf } from '../record/record-of.ts'
import { openCollector } from '../target/collector-under-test.ts'
import { performCycle, type Workplace } from '../work/perform.ts'
import { type Fault, planCycle } from '../work/plan.ts'
import { Observer } from './observer.ts'
import type { LabOptions, Progress } from './options.ts'

const sinkFaults: readonly Fault[] = ['sink refuses', 'sink hangs up']
/** A cycle that has not ended by then will not end: lines are missing. */
const cycleWithinMs = 120_000
const shortestWarmUp = 4

/** Works and looks as the options say, or until `stop` aborts, and gives the whole record with its verdict. */
export async function runLab(
  options: LabOptions,
  show: (progress: Progress) => void,
  stop: AbortSignal,
): Promise<RunRecord> {
  await using owned = new Owned()
  const tally = new Tally()
  const receiver = owned.take(await Receiver.open(tally))
  const engine = owned.take(await openSimulatedLoadEngine(options.seed, stop))
  const target = owned.take(await openCollector(engine.host, receiver.url))
  await target.ready(stop)
  const observer = owned.take(new Observer(target))
  const startedAt = new Date().toISOString()
  const faults = [...engine.faults, ...sinkFaults]
  const place: Workplace = { engine, containers: options.containers, delivery: { tally, receiver }, done: {} }
  const run = { options, place, observer, faults, show, tally, random: new SeededRandom(options.seed) }
  const end = await work(run, stop)
  return await recordOf({ ...run, engine, startedAt, end })
}

export interface Run {
  readonly options: LabOptions
  readonly place: Workplace
  readonly observer: Observer
  readonly tally: Tally
  readonly faults: readonly Fault[]
  readonly random: SeededRandom
  readonly show: (progress: Progress) => void
}

export interface End {
  /** The user's wish; undefined: it ran as long as it should. */
  readonly early: string | undefined
  /** Why the work could not go on. */
  readonly stuck: string | undefined
}

async function work(run: Run, stop: AbortSignal): Promise<End> {
  let nextRun = 1
  try {
    for (let cycle = 1; isWanted(run, cycle); cycle++) {
      const limit = AbortSignal.timeout(cycleWithinMs)
      using link = linkSignals(stop, limit)
      try {
        nextRun = await workCycle(run, cycle, nextRun, link.signal)
      } catch (error) {
        if (stop.aborted || !isAbortOf(link.signal, error)) throw error
        return { early: undefined, stuck: stuckText(run, cycle) }
      }
      if (run.observer.ended !== undefined) break
    }
    return { early: undefined, stuck: undefined }
  } catch (error) {
    if (run.observer.ended !== undefined) return { early: undefined, stuck: undefined }
    if (!isAbortOf(stop, error)) throw error
    return { early: 'it was asked to end', stuck: undefined }
  }
}

function isWanted({ options: { cycles, seconds }, observer }: Run, cycle: number): boolean {
  return (cycles === undefined || cycle <= cycles) && (seconds === undefined || observer.seconds < seconds)
}

/** Works, drains, reads. @returns the number of the next run */
async function workCycle(run: Run, cycle: number, firstRun: number, signal: AbortSignal): Promise<number> {
  const { options, place, observer, random } = run
  const isWarmUp = cycle <= shortestWarmUp
  const plan = planCycle(random, {
    operations: options.operations,
    linesPerRun: options.linesPerRun,
    faults: isWarmUp ? [] : run.faults,
  })
  tell(run, cycle, firstRun, 'work')
  const nextRun = await performCycle(plan, firstRun, place, signal)
  const { probe } = observer.target
  if (options.leaks.length > 0)
    await probe?.ask({ ask: 'plant', operations: nextRun - firstRun, leaks: options.leaks }, signal)
  tell(run, cycle, nextRun, 'drain')
  place.engine.hush()
  place.delivery?.receiver?.hush()
  await observer.readAtRest(nextRun - 1, { engine: place.engine, tally: place.delivery?.tally }, signal)
  if (cycle === shortestWarmUp) await observer.endWarmUp(signal)
  return nextRun
}

function stuckText({ tally }: Run, cycle: number): string {
  const { incompleteRuns, linesMissing } = tally.counts()
  return `cycle ${cycle} was not done within ${cycleWithinMs / 1_000} s: ${linesMissing} lines of ${incompleteRuns} runs had not arrived`
}

function tell({ options, observer, tally, show }: Run, cycle: number, nextRun: number, phase: Progress['phase']): void {
  const { linesWritten, linesDelivered } = tally.counts()
  show({
    cycle,
    cycles: options.cycles,
    secondsLeft: options.seconds === undefined ? undefined : Math.max(0, options.seconds - observer.seconds),
    operations: nextRun - 1,
    linesWritten,
    linesDelivered,
    phase,
  })
}
