import { describe, expect, test } from 'vitest'
import { type Random, seededRandom, timeSeries, type TimeWorld } from '../../soak/verdict/worlds.ts'
import { type Held, watchedResources } from './resources.ts'
import { verdictOf } from './verdict-of.ts'
import { type Sample, Windows } from './windows.ts'

const seed = Number(process.env['SEED'] ?? 7)
const unread = Object.fromEntries(watchedResources.map(({ name }) => [name, NaN])) as Held
const timers = watchedResources.find(({ name }) => name === 'timers')!
const hour = 60

interface Life {
  readonly hours: number
  /** An hour. */
  readonly leak?: number
  readonly leaksFrom?: number
  readonly leaksUntil?: number
  readonly world?: TimeWorld
  /** Containers at an hour; each holds two timers. */
  readonly containers?: (hours: number) => number
}

/** What a collector with that life samples. */
function samplesOf(random: Random, life: Life): Sample[] {
  const { hours, leak = 0, leaksFrom = 0, leaksUntil = hours, world = 'churn', containers = () => 20 } = life
  const options = { minutes: hours * hour, everyMinutes: 1 / 6, correlationMinutes: 1 / 3, leak: 0 }
  const { at, values } = timeSeries(random, world, options)
  return at.map((minute, i) => {
    const all = Math.round(containers(minute / hour))
    const leaked = Math.floor(leak * Math.max(0, Math.min(minute / hour, leaksUntil) - leaksFrom))
    return { minute, load: { all, moving: 0 }, held: { ...unread, timers: values[i]! + 2 * all + leaked } }
  })
}

/** The verdict after each sample, by its hour: only where it changes. */
function told(samples: readonly Sample[], windows = new Windows()) {
  const changes: { outcome: string; hours: number }[] = []
  for (const sample of samples) {
    windows.add(sample)
    for (const _ of windows.judge()) continue
    const { outcome } = verdictOf(timers, windows.findings('timers'))
    if (outcome !== changes.at(-1)?.outcome) changes.push({ outcome, hours: sample.minute / hour })
  }
  return changes
}

const outcomes = (changes: ReturnType<typeof told>) => new Set(changes.map(({ outcome }) => outcome))

describe(`windows, SEED=${seed}`, () => {
  test('one a minute is a leak within hours, also when it begins after days', () => {
    const changes = told(samplesOf(seededRandom(seed), { hours: 36, leak: 60, leaksFrom: 30 }))
    const leak = changes.find(({ outcome }) => outcome === 'leak')!
    expect(leak.hours).toBeGreaterThan(30)
    expect(leak.hours).toBeLessThan(34)
    // Told once: it does not come and go.
    expect(changes.at(-1)).toBe(leak)
  })

  test.each([
    [7, 24],
    [60, 3],
    [600, 2],
  ])('a leak as regular as a clock, with nothing else that moves: %d an hour, found in %d', (leak, hours) => {
    const samples = Array.from({ length: 6 * 60 * 24 }, (_, i) => {
      const timers = 5 + Math.floor((leak * i) / 360.7)
      return { minute: i / 6, load: { all: 3, moving: 0 }, held: { ...unread, timers } }
    })
    const changes = told(samples)
    expect(changes.find(({ outcome }) => outcome === 'leak')!.hours).toBeLessThan(hours)
    expect(changes.filter(({ outcome }) => outcome === 'leak')).toHaveLength(1)
  })

  test('a pool that fills by a few items a day, evenly, is no leak', () => {
    const samples = Array.from({ length: 6 * 60 * 48 }, (_, i) => {
      const timers = 5 + Math.floor(i / 1_440)
      return { minute: i / 6, load: { all: 3, moving: 0 }, held: { ...unread, timers } }
    })
    expect(outcomes(told(samples))).not.toContain('leak')
  })

  test('three an hour are a leak within two days', () => {
    const changes = told(samplesOf(seededRandom(seed), { hours: 48, leak: 3 }))
    expect(changes.at(-1)!.outcome).toBe('leak')
  })

  test('a leak that ends is no longer told some hours later', () => {
    const changes = told(samplesOf(seededRandom(seed), { hours: 40, leak: 120, leaksFrom: 3, leaksUntil: 7 }))
    expect(changes.filter(({ outcome }) => outcome === 'leak')).toHaveLength(1)
    expect(changes.at(-1)!.outcome).not.toBe('leak')
  })

  test.each<{ name: string; containers: NonNullable<Life['containers']>; world?: TimeWorld }>([
    { name: 'the same load', containers: () => 20 },
    { name: 'the same load, and a step', containers: () => 20, world: 'step' },
    { name: 'steps', containers: (hours) => (hours < 5 ? 10 : hours < 11 ? 60 : hours < 17 ? 30 : 90) },
    { name: 'steady growth', containers: (hours) => 10 + 12 * hours },
    { name: 'a day', containers: (hours) => 60 - 40 * Math.cos((2 * Math.PI * hours) / 24) },
    { name: 'a ramp within hours', containers: (hours) => 10 + 100 * Math.min(1, Math.max(0, hours - 8) / 3) },
  ])('no alarm without a leak: $name', ({ containers, world }) => {
    const random = seededRandom(seed)
    for (let run = 0; run < 3; run++)
      expect(outcomes(told(samplesOf(random, { hours: 48, containers, ...(world && { world }) })))).not.toContain(
        'leak',
      )
  })

  test('one a minute is found while containers come and go', () => {
    const containers = (hours: number) => 30 + 20 * Math.sin(hours * 1.3)
    const changes = told(samplesOf(seededRandom(seed), { hours: 24, leak: 60, leaksFrom: 6, containers }))
    expect(changes.at(-1)!.outcome).toBe('leak')
  })

  test('clean is told when growth as fast as the criterion is ruled out', () => {
    const changes = told(samplesOf(seededRandom(seed), { hours: 12 }))
    expect(changes[0]!.outcome).toBe('not_enough_evidence')
    expect(changes.at(-1)!.outcome).toBe('clean')
  })

  test('after a pause everything begins anew', () => {
    const windows = new Windows()
    const [before, after] = [samplesOf(seededRandom(seed), { hours: 3 }), samplesOf(seededRandom(seed), { hours: 1 })]
    told(before, windows)
    expect(windows.findings('timers')).not.toEqual([])
    windows.add({ ...after[0]!, minute: 3 * hour + 4 })
    expect(windows.findings('timers')).toEqual([])
  })

  test('what cannot be read is not judged', () => {
    const windows = new Windows()
    told(samplesOf(seededRandom(seed), { hours: 3 }), windows)
    expect(windows.findings('heap').every(({ growth }) => growth === undefined)).toBe(true)
  })
})

test('what a window is judged by is the least of each stretch', () => {
  const windows = new Windows()
  const held = [5, 3, 4, 9, 9, 9, 8, 8, 8, 8, 8, 7]
  for (const [i, timers] of held.entries())
    windows.add({ minute: i / 6, load: { all: 0, moving: 0 }, held: { ...unread, timers } })
  const [shortest, longer] = windows.readings().map(({ readings }) => readings.find(({ name }) => name === 'timers'))
  expect(shortest?.values).toEqual([3, 7])
  expect(longer?.values).toEqual([])
})
