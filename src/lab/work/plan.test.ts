import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SeededRandom } from '../../simulator/random.ts'
import { type Fault, planCycle, sinkFaults } from './plan.ts'

const faults: readonly Fault[] = ['streams cut', 'sink refuses', 'sink hangs up', 'engine restart']

test('a cycle has as many runs as asked for, and the same seed plans the same', () => {
  fc.assert(
    fc.property(
      fc.nat(),
      fc.integer({ min: 1, max: 500 }),
      fc.integer({ min: 1, max: 50 }),
      (seed, operations, linesPerRun) => {
        const options = { operations, linesPerRun, faults }
        const plan = planCycle(new SeededRandom(seed), options)
        expect(plan.lives.reduce((sum, { runs }) => sum + runs.length, 0)).toBe(operations)
        for (const { lines } of plan.lives.flatMap(({ runs }) => runs)) expect(lines).toBeGreaterThan(0)
        expect(plan.faults.filter((fault) => sinkFaults.includes(fault)).length).toBeLessThan(2)
        expect(planCycle(new SeededRandom(seed), options)).toEqual(plan)
      },
    ),
  )
})

test('every ending and every fault comes, and the lines are as many as asked for on the average', () => {
  const random = new SeededRandom(1)
  const plans = Array.from({ length: 50 }, () => planCycle(random, { operations: 200, linesPerRun: 5, faults }))
  const runs = plans.flatMap(({ lives }) => lives.filter(({ isRotating }) => !isRotating).flatMap((life) => life.runs))
  expect(new Set(runs.map(({ ending }) => ending))).toEqual(new Set(['exits', 'fails', 'is stopped', 'is killed']))
  expect(new Set(plans.flatMap((plan) => plan.faults))).toEqual(new Set(faults))
  expect(runs.reduce((sum, { lines }) => sum + lines, 0) / runs.length).toBeCloseTo(5, 0)
})
