import type { ResourceSeries, Series } from './series.ts'

/** Of the usual distance between readings. */
const longestGap = 3
const leastPresent = 0.95

/** Why nothing of the series can be judged: readings that go back in time, are missing, or are of several processes. */
export function faultsOfSeries({ at, identities, unit }: Series): readonly string[] {
  const faults = identities
    .filter(({ values }) => new Set(values.filter((value) => value !== '')).size > 1)
    .map(
      ({ name }) =>
        `"${name}" changes: these are several processes, and a restart hides what the one before had leaked`,
    )
  if (at.length < 2) return faults
  const gaps = at.slice(1).map((place, i) => place - at[i]!)
  const back = gaps.findIndex((gap) => gap <= 0)
  if (back !== -1) return [...faults, `the ${unit} does not increase from reading ${back + 1} to ${back + 2}`]
  const usual = [...gaps].sort((a, b) => a - b)[Math.floor(gaps.length / 2)]!
  // The times of a sampler that is a little late now and then are no gap.
  const longest = gaps.findIndex((gap) => gap > longestGap * usual * 1.001)
  if (longest !== -1)
    faults.push(
      `no reading between ${unit} ${short(at[longest]!)} and ${short(at[longest + 1]!)}: more than ${longestGap} times the usual ${short(usual)}`,
    )
  // Cycles may be of more operations or fewer: their distance does not tell how many there should be.
  const expected = unit === 'operation' ? at.length : Math.round((at.at(-1)! - at[0]!) / usual) + 1
  if (at.length < leastPresent * expected)
    faults.push(`${at.length} readings of ${expected}: fewer than ${leastPresent * 100} % are there`)
  return faults
}

/** Why one resource cannot be judged; undefined: it can. */
export function faultOfResource({ values }: ResourceSeries): string | undefined {
  const present = values.filter((value) => !Number.isNaN(value))
  if (present.length < leastPresent * values.length)
    return `${present.length} of ${values.length} readings have a value: fewer than ${leastPresent * 100} %`
  if (Number.isNaN(values.at(-1))) return 'the last reading has no value: what was measured may have ended'
  if (present.some((value) => value < 0)) return 'a reading is below zero: this is no amount of anything held'
  if (present.every((value) => value === 0)) return 'zero throughout: that it is measured at all is not shown'
  const isFrozen = present.length > 1 && present.every((value) => value === present[0])
  if (isFrozen && !present.every(Number.isInteger)) return 'the same throughout: the instrument stands still'
  return undefined
}

function short(value: number): string {
  return String(Number(value.toPrecision(6)))
}
