import { linkSignals, isAbortOf, sleep } from '../../lib/wait.ts'
import { Owned } from '../../lib/owned.ts'
import { SeededRandom } from '../../simulator/random.ts'
import type { RunRecord } from '../../soak/run-record.ts'
import { scheduleOfLooks } from '../../soak/verdict/looks.ts'
import type { EngineReading } from '../engine/load-engine.ts'
import { lookAt } from '../record/look-at.ts'
import { recordOf } from '../record/record-of.ts'
import { performCycle, startStanding } from '../work/perform.ts'
import { planCycle, sinkFaults } from '../work/plan.ts'
import type { LabOptions, Progress } from './options.ts'
import { setUp } from './set-up.ts'
import type { End, Run } from './run.ts'
import type { Subject } from './subject.ts'

/** A cycle that has not ended so long after it could have will not end: lines are missing. */
const patienceSeconds = 120
const shortestWarmUp = 4
/** More looks than any run has; the schedule of one that goes by time is not known beforehand. */
const manyCycles = 100_000

/** Works and looks as the options say, or until `stop` aborts, and gives the whole record with its verdict. @throws LabError when it cannot begin */
export async function runLab(
  options: LabOptions,
  show: (progress: Progress) => void,
  stop: AbortSignal,
): Promise<RunRecord> {
  await using owned = new Owned()
  const lab = await setUp(options, owned, stop)
  const startedAt = new Date().toISOString()
  const [{ tally }] = lab.subjects
  const delivery = tally && { tally, receiver: lab.receiver }
  const { containers, linesPerSecond } = options
  const run: Run = {
    ...lab,
    options,
    show,
    place: { engine: lab.engine, containers, linesPerSecond, delivery, done: {}, linesWritten: 0, nextRunAtMs: 0 },
    faults: [...lab.engine.faults, ...(options.target.kind === 'self' ? sinkFaults : [])],
    random: new SeededRandom(options.seed),
    looks: [],
  }
  await startStanding(options.standing, run.place, stop)
  return await recordOf({ ...run, startedAt, end: await work(run, stop) })
}

async function work(run: Run, stop: AbortSignal): Promise<End> {
  const { options, subjects } = run
  const [{ observer }] = subjects
  try {
    for (let cycle = 1, nextRun = options.standing + 1; isWanted(run, cycle); cycle++) {
      const startedAt = observer.seconds
      const limit = AbortSignal.timeout((patienceSeconds + options.everySeconds) * 1_000)
      using link = linkSignals(stop, limit)
      try {
        nextRun = await workCycle(run, cycle, nextRun, link.signal)
      } catch (error) {
        if (stop.aborted || !isAbortOf(link.signal, error)) throw error
        return { early: undefined, stuck: stuckText(run, cycle) }
      }
      const restSeconds = startedAt + options.everySeconds - observer.seconds
      if (restSeconds > 0 && isWanted(run, cycle + 1)) {
        tell(run, cycle, nextRun, 'wait')
        await sleep(restSeconds * 1_000, stop)
      }
    }
    return { early: undefined, stuck: undefined }
  } catch (error) {
    // What fails because the program under test has gone is told by its gate.
    if (observer.ended !== undefined) return { early: undefined, stuck: undefined }
    if (!isAbortOf(stop, error)) throw error
    return { early: 'it was asked to end', stuck: undefined }
  }
}

function isWanted({ options: { cycles, seconds }, subjects }: Run, cycle: number): boolean {
  const [{ observer }] = subjects
  if (observer.ended !== undefined) return false
  return (cycles === undefined || cycle <= cycles) && (seconds === undefined || observer.seconds < seconds)
}

/** Works, drains, reads. @returns the number of the next run */
async function workCycle(run: Run, cycle: number, firstRun: number, signal: AbortSignal): Promise<number> {
  const { options, place, subjects, random } = run
  const plan = planCycle(random, {
    operations: options.operations,
    linesPerRun: options.linesPerRun,
    // The warm-up is without: what a fault leaves behind is to be seen.
    faults: cycle <= shortestWarmUp ? [] : run.faults,
  })
  tell(run, cycle, firstRun, 'work')
  const nextRun = await performCycle(plan, firstRun, place, signal)
  await plant(run, nextRun - firstRun, signal)
  tell(run, cycle, nextRun, 'drain')
  for (const subject of subjects)
    await readAtRest(run, subject, { cycle, operations: nextRun - 1 - options.standing }, signal)
  takeLook(run, cycle)
  return nextRun
}

/** A reference that has ended is told by its gate, and does not end the run. */
async function readAtRest(
  { place, options, subjects }: Run,
  { observer, tally, role }: Subject,
  { cycle, operations }: { readonly cycle: number; readonly operations: number },
  signal: AbortSignal,
): Promise<void> {
  if (role === 'reference' && observer.ended !== undefined) return
  // What was cut is followed again, and what has ended is not.
  const isQuiet = ({ streams }: EngineReading) =>
    streams === undefined || subjects.length > 1 || streams.opened - streams.closed === options.standing
  try {
    await observer.readAtRest(operations, { engine: place.engine, tally, isQuiet }, signal)
    if (cycle === shortestWarmUp) await observer.endWarmUp(signal)
  } catch (error) {
    if (role === 'under test' || observer.ended === undefined) throw error
  }
}

async function plant(
  { options: { leaks }, subjects: [{ observer }] }: Run,
  operations: number,
  signal: AbortSignal,
): Promise<void> {
  if (leaks.length > 0) await observer.target.probe?.ask({ ask: 'plant', operations, leaks }, signal)
}

/** Judges what there is where the schedule says so; the end of the run is judged by itself. */
function takeLook(run: Run, cycle: number): void {
  const look = scheduleOf(run).indexOf(cycle) + 1
  if (look > 0 && cycle !== run.options.cycles) run.looks.push(lookAt(run.options, run.subjects[0], look))
}

function scheduleOf({ options: { cycles } }: Run): readonly number[] {
  return scheduleOfLooks(cycles ?? manyCycles)
}

function stuckText({ subjects: [{ tally }] }: Run, cycle: number): string {
  const counts = tally?.counts()
  const missing = counts && `: ${counts.linesMissing} lines of ${counts.incompleteRuns} runs had not arrived`
  return `cycle ${cycle} was not done ${patienceSeconds} s after it could have been${missing ?? ''}`
}

function tell(run: Run, cycle: number, nextRun: number, phase: Progress['phase']): void {
  const { options, show, looks } = run
  const [{ observer, tally }] = run.subjects
  const counts = tally?.counts()
  show({
    cycle,
    cycles: options.cycles,
    seconds: observer.seconds,
    secondsLeft: options.seconds === undefined ? undefined : Math.max(0, options.seconds - observer.seconds),
    operations: nextRun - 1 - options.standing,
    linesWritten: run.place.linesWritten,
    linesDelivered: counts?.linesDelivered,
    phase,
    nextLook: scheduleOf(run).find((look) => look >= cycle),
    limits: (looks.at(-1)?.resources ?? []).flatMap(({ name, low, high }) =>
      low === undefined || high === undefined ? [] : [{ name, low, high }],
    ),
  })
}
