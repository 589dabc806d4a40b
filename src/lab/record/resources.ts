import type { ResourceRecord } from '../../soak/run-record.ts'
import type { ResourceSeries } from '../../soak/verdict/series.ts'
import { sumOf } from '../prometheus/parse.ts'
import type { CycleObservation, RawObservation } from '../run/observations.ts'
import type { ProcessReading } from '../proc/read-process.ts'

type Readings = readonly CycleObservation[]
type Raw = readonly RawObservation[]

/** Goroutines and descriptors as clients of Prometheus call them: read where the program has them, without being asked. */
const usualMetrics = ['go_goroutines', 'process_open_fds']

export interface Observed {
  readonly cycles: Readings
  readonly raw: Raw
  /** Metrics that a criterion names. */
  readonly wanted: readonly string[]
  /** RLIMIT_NOFILE of the process, the soft one. */
  readonly descriptorLimit: number | undefined
  /** Of several programs on one engine nobody can tell whose its descriptors are. */
  readonly isAlone: boolean
}

/** Everything that was read at rest, one series for each resource; of counts the least of the readings at one rest. */
export function resourcesOf({ cycles, raw, wanted, descriptorLimit, isAlone }: Observed): readonly ResourceRecord[] {
  const least = (of: (reading: ProcessReading) => number) =>
    cycles.map(({ rest }) => Math.min(...rest.readings.map(of)))
  const all: readonly ResourceRecord[] = [
    {
      ...items('descriptors'),
      limit: descriptorLimit,
      floors: least(({ descriptors }) => descriptors.length),
      raw: rawOf(raw, 'descriptors'),
    },
    { ...items('threads'), floors: least(({ threads }) => threads), raw: rawOf(raw, 'threads') },
    { ...items('handles'), floors: cycles.map(({ probe }) => probe?.handles ?? null) },
    { ...items('timers'), floors: cycles.map(({ probe }) => probe?.timers ?? null) },
    { ...items('listeners'), floors: cycles.map(({ probe }) => probe?.listeners ?? null) },
    { ...amount('heap'), floors: cycles.map(({ probe }) => probe?.heapBytes ?? null) },
    {
      ...amount('external memory'),
      floors: cycles.map(({ probe }) => probe?.externalBytes ?? null),
      isInformative: true,
    },
    {
      ...amount('resident memory'),
      floors: least(({ residentBytes }) => residentBytes),
      raw: rawOf(raw, 'residentBytes'),
      isInformative: true,
    },
    {
      ...amount('proportional memory'),
      floors: cycles.map(({ proportionalBytes }) => proportionalBytes ?? null),
      isInformative: true,
    },
    {
      ...items('context switches in a cycle'),
      floors: cycles.map(({ contextSwitches }, i) => differenceOf(contextSwitches, cycles[i - 1]?.contextSwitches)),
      isInformative: true,
    },
    {
      ...amount('longest delay of the event loop'),
      unit: 'seconds',
      floors: cycles.map(({ probe }) => (probe === undefined ? null : probe.loopDelayMs / 1_000)),
      isInformative: true,
    },
    {
      ...items('engine descriptors'),
      floors: cycles.map(({ engine }) => engine.descriptors ?? null),
      isInformative: !isAlone,
    },
    {
      ...items('engine goroutines'),
      floors: cycles.map(({ engine }) => engine.goroutines ?? null),
      isInformative: !isAlone,
    },
    ...[...new Set([...wanted, ...usualMetrics])].map((name) => metricOf(cycles, name)),
  ]
  const known = new Set<string>()
  return all.filter(({ name, floors }) => {
    const isNew = !known.has(name) && floors.some((value) => value !== null)
    known.add(name)
    return isNew
  })
}

/** As the verdict takes them. */
export function seriesOf({ name, floors }: ResourceRecord): ResourceSeries {
  return { name, values: floors.map((value) => value ?? NaN) }
}

const items = (name: string) =>
  ({ name, kind: 'count', unit: 'items', raw: [], limit: undefined, isInformative: false }) as const
const amount = (name: string) =>
  ({ name, kind: 'size', unit: 'bytes', raw: [], limit: undefined, isInformative: false }) as const

function rawOf(raw: Raw, key: 'descriptors' | 'threads' | 'residentBytes'): ResourceRecord['raw'] {
  return raw.map((one) => ({ atSeconds: one.atSeconds, value: one[key] }))
}

/** Threads that have ended are not counted any more: less than nothing is not known. */
function differenceOf(now: number | undefined, before: number | undefined): number | null {
  if (now === undefined || before === undefined || now < before) return null
  return now - before
}

function metricOf(cycles: Readings, name: string): ResourceRecord {
  const floors = cycles.map(({ metrics }) =>
    metrics === undefined || 'failure' in metrics ? null : (sumOf(metrics, name) ?? null),
  )
  const isAmount = name.endsWith('_bytes')
  return { ...(isAmount ? amount(name) : items(name)), floors }
}
