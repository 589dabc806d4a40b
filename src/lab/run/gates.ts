import type { Gate } from '../../soak/run-record.ts'
import type { Exposition } from '../prometheus/parse.ts'
import type { CycleObservation, RawObservation } from './observations.ts'

export interface Evidence {
  readonly role: 'under test' | 'reference'
  readonly cycles: readonly CycleObservation[]
  readonly raw: readonly RawObservation[]
  readonly rawEverySeconds: number
  /** How the program ended; undefined: it runs. */
  readonly ended: string | undefined
  /** Whether the lab gets to see the lines that it delivers. */
  readonly isTold: boolean
  /** Containers that live throughout, and are followed at every rest. */
  readonly standing: number
  /** It is the only one that reads from this engine. */
  readonly isAlone: boolean
  /** Why the work stopped before its time, other than by wish. */
  readonly stuck: string | undefined
  /** By how much the clock of the wall went wrong against the monotonic one, at the most. */
  readonly clockStepSeconds: number
  /** See LabOptions. */
  readonly leastReuse: number | undefined
  /** The program's own counters that must move: `requests`, and how many of them had a connection that was used before, `reuse`. */
  readonly counters: Readonly<Record<string, readonly number[]>>
}

const leastReadings = 0.95
const longestGap = 3
const leastAtRest = 0.9
const largestClockStep = 2
const notTold = 'nothing shows that a line was delivered: name the file or folder that they go to with --delivered'

/** The conditions without which nothing is judged: each is met, or what was seen speaks against the run. */
export function gatesOf(evidence: Evidence): readonly Gate[] {
  return [
    processGate(evidence),
    operationGate(evidence),
    // A reference is known to lose lines and to double them: what is asked of it is that it works.
    ...(evidence.role === 'reference' ? [] : [lineGate(evidence)]),
    drainGate(evidence),
    readingGate(evidence),
    clockGate(evidence),
    ...metricGates(evidence),
    ...Object.entries(evidence.counters).map(([name, values]) => counterGate(name, values)),
    ...(evidence.leastReuse === undefined ? [] : [reuseGate(evidence.counters, evidence.leastReuse)]),
  ]
}

function processGate({ cycles, ended }: Evidence): Gate {
  const name = 'same process throughout'
  if (ended !== undefined) return { name, isMet: false, detail: ended }
  const starts = new Set(cycles.flatMap(({ rest }) => rest.readings.map(({ startedAt }) => startedAt)))
  return starts.size === 1
    ? { name, isMet: true, detail: 'it ran from beginning to end' }
    : { name, isMet: false, detail: `${starts.size} processes were seen: what one had leaked went with it` }
}

function operationGate({ cycles, stuck, isAlone, standing }: Evidence): Gate {
  const name = 'operations done'
  if (stuck !== undefined) return { name, isMet: false, detail: stuck }
  const last = cycles.at(-1)
  if (last === undefined || last.operations === 0) return { name, isMet: false, detail: 'no operation was done' }
  const { operations: runs, engine } = last
  const { runsEnded, streams } = engine
  if (runsEnded !== runs)
    return { name, isMet: false, detail: `the lab did ${runs} runs of containers, the engine counted ${runsEnded}` }
  if (streams === undefined || !isAlone)
    return { name, isMet: true, detail: `${runs} runs of containers, as many as the engine counted` }
  const isMet = streams.opened >= runs && streams.opened - streams.closed === standing
  const detail = `${runs} runs of containers, as many as the engine counted; streams opened ${streams.opened}, closed ${streams.closed}, followed throughout ${standing}`
  return { name, isMet, detail }
}

function lineGate({ cycles, isTold }: Evidence): Gate {
  const name = 'lines delivered'
  const tally = cycles.at(-1)?.tally
  if (!isTold) return { name, isMet: false, detail: notTold }
  if (tally === undefined) return { name, isMet: false, detail: 'no line was written' }
  const { linesWritten, linesDelivered, linesMissing, linesDoubled } = tally
  const isMet = linesWritten > 0 && linesMissing === 0 && linesDoubled === 0
  const detail = `${linesWritten} written, ${linesDelivered} delivered, ${linesMissing} lost, ${linesDoubled} doubled`
  return { name, isMet, detail }
}

function drainGate({ cycles }: Evidence): Gate {
  const atRest = cycles.filter(({ rest }) => rest.isAtRest).length
  const detail = `${atRest} of ${cycles.length} drains came to rest`
  return { name: 'drains at rest', isMet: cycles.length > 0 && atRest >= leastAtRest * cycles.length, detail }
}

function readingGate({ raw, rawEverySeconds }: Evidence): Gate {
  const name = 'readings complete'
  if (raw.length < 2) return { name, isMet: false, detail: 'the program was hardly looked at' }
  const expected = (raw.at(-1)!.atSeconds - raw[0]!.atSeconds) / rawEverySeconds + 1
  const gap = Math.max(...raw.slice(1).map(({ atSeconds }, i) => atSeconds - raw[i]!.atSeconds))
  const isMet = raw.length >= leastReadings * expected && gap <= longestGap * rawEverySeconds
  const detail = `${raw.length} of ${Math.round(expected)}, the longest gap ${gap.toFixed(1)} s`
  return { name, isMet, detail }
}

function clockGate({ clockStepSeconds }: Evidence): Gate {
  const isMet = clockStepSeconds <= largestClockStep
  const detail = isMet ? 'the clock went steadily' : `the clock was set by ${clockStepSeconds.toFixed(1)} s`
  return { name: 'steady clock', isMet, detail }
}

function metricGates({ cycles }: Evidence): readonly Gate[] {
  const readings = cycles.flatMap(({ metrics }) => (metrics === undefined ? [] : [metrics]))
  if (readings.length === 0) return []
  const name = 'metrics available'
  const failed = readings.filter((reading) => 'failure' in reading)
  const [failure] = failed
  if (failure !== undefined)
    return [
      { name, isMet: false, detail: `${failed.length} of ${readings.length} readings failed: ${failure.failure}` },
    ]
  const pages = readings.filter((reading): reading is Exposition => !('failure' in reading))
  const still = pages.slice(1).filter((page, i) => isSame(page, pages[i]!)).length
  return [
    { name, isMet: true, detail: `${readings.length} readings` },
    {
      name: 'metrics alive',
      isMet: still === 0,
      detail:
        still === 0 ? 'they moved in every cycle' : `in ${still} cycles not one of them moved, and there was work`,
    },
  ]
}

function isSame(one: Exposition, other: Exposition): boolean {
  for (const [name, samples] of one) {
    const before = other.get(name)
    if (before?.length !== samples.length || samples.some(({ value }, i) => value !== before[i]!.value)) return false
  }
  return true
}

function counterGate(name: string, values: readonly number[]): Gate {
  const risen = risenBy(values)
  const detail = values.length < 2 ? 'it was not read' : `it rose by ${risen} from the first cycle to the last`
  return { name: `${name} moves`, isMet: values.length >= 2 && risen > 0, detail }
}

function reuseGate({ requests = [], reuse = [] }: Evidence['counters'], least: number): Gate {
  const [all, reused] = [risenBy(requests), risenBy(reuse)]
  const detail = `${reused} of ${all} requests had a connection that was used before`
  return { name: `reuse above ${least * 100} %`, isMet: all > 0 && reused / all > least, detail }
}

function risenBy(values: readonly number[]): number {
  return (values.at(-1) ?? 0) - (values[0] ?? 0)
}
