import { describe, expect, test } from 'vitest'
import { parseExposition } from '../prometheus/parse.ts'
import { type Evidence, gatesOf } from './gates.ts'
import type { CycleObservation } from './observations.ts'

const reading = { startedAt: '1', descriptors: [], threads: 1, residentBytes: 1, cpuSeconds: 1 }
const page = (value: number) => parseExposition({ text: `requests ${value}\n`, name: 'test' })

function cycle(number: number, more: Partial<CycleObservation> = {}): CycleObservation {
  const operations = number * 100
  return {
    atSeconds: number * 10,
    operations,
    rest: { readings: [reading], isAtRest: true, seconds: 1 },
    probe: undefined,
    proportionalBytes: undefined,
    contextSwitches: undefined,
    engine: {
      streams: { opened: operations + 3, closed: operations + 3 },
      runsEnded: operations,
      descriptors: undefined,
      goroutines: undefined,
    },
    metrics: page(number),
    tally: {
      linesWritten: operations,
      linesDelivered: operations,
      linesDoubled: 0,
      linesMissing: 0,
      incompleteRuns: 0,
    },
    ...more,
  }
}

const good: Evidence = {
  role: 'under test',
  cycles: [1, 2, 3].map((number) => cycle(number)),
  raw: Array.from({ length: 31 }, (_, second) => ({ atSeconds: second, descriptors: 1, threads: 1, residentBytes: 1 })),
  rawEverySeconds: 1,
  ended: undefined,
  isTold: true,
  isAlone: true,
  standing: 0,
  stuck: undefined,
  clockStepSeconds: 0.1,
  leastReuse: undefined,
  counters: { requests: [1, 5, 9], reuse: [0, 4, 7] },
}

const unmet = (more: Partial<Evidence>) =>
  gatesOf({ ...good, ...more })
    .filter(({ isMet }) => !isMet)
    .map(({ name }) => name)
const last = (more: Partial<CycleObservation>) => ({ cycles: [cycle(1), cycle(2), cycle(3, more)] })
const { engine, tally, rest } = cycle(3)

describe('gates', () => {
  test('all are met by a run that is as it should be', () => expect(unmet({})).toEqual([]))

  test.each<[what: string, more: Partial<Evidence>, gate: string]>([
    ['the program has ended', { ended: 'it ended with status 1' }, 'same process throughout'],
    [
      'another process has its number',
      last({ rest: { ...rest, readings: [{ ...reading, startedAt: '2' }] } }),
      'same process throughout',
    ],
    ['the work hangs', { stuck: 'cycle 3 was not done' }, 'operations done'],
    ['nothing was done', { cycles: [cycle(0)] }, 'operations done'],
    ['the engine counted other runs', last({ engine: { ...engine, runsEnded: 299 } }), 'operations done'],
    ['streams are open', last({ engine: { ...engine, streams: { opened: 303, closed: 302 } } }), 'operations done'],
    [
      'more streams are open than containers stand',
      { standing: 2, ...last({ engine: { ...engine, streams: { opened: 310, closed: 307 } } }) },
      'operations done',
    ],
    [
      'fewer streams than runs',
      last({ engine: { ...engine, streams: { opened: 299, closed: 299 } } }),
      'operations done',
    ],
    ['a line is lost', last({ tally: { ...tally!, linesMissing: 1 } }), 'lines delivered'],
    ['a line is doubled', last({ tally: { ...tally!, linesDoubled: 1 } }), 'lines delivered'],
    ['nobody sees the lines', { isTold: false }, 'lines delivered'],
    ['a third of the drains did not end', last({ rest: { ...rest, isAtRest: false } }), 'drains at rest'],
    ['readings are missing', { raw: good.raw.filter(({ atSeconds }) => atSeconds % 10 !== 3) }, 'readings complete'],
    ['a gap', { raw: good.raw.filter(({ atSeconds }) => atSeconds < 14 || atSeconds > 17) }, 'readings complete'],
    ['the clock was set', { clockStepSeconds: 60 }, 'steady clock'],
    ['metrics failed once', last({ metrics: { failure: 'no answer' } }), 'metrics available'],
    ['metrics stand still', last({ metrics: page(2) }), 'metrics alive'],
    ['a counter stands still', { counters: { requests: [5, 5, 5] } }, 'requests moves'],
    ['too few connections are used again', { leastReuse: 0.9 }, 'reuse above 90 %'],
    ['a counter is not there', { counters: { requests: [] } }, 'requests moves'],
  ])('%s', (_what, more, gate) => expect(unmet(more)).toContain(gate))

  test('of several programs on one engine the streams are not counted, and of a reference no lines', () => {
    expect(
      unmet({ isAlone: false, ...last({ engine: { ...engine, streams: { opened: 900, closed: 700 } } }) }),
    ).toEqual([])
    expect(unmet({ role: 'reference', isTold: false })).toEqual([])
  })
})
