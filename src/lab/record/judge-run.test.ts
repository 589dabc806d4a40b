import { expect, test } from 'vitest'
import type { CycleObservation } from '../run/observations.ts'
import { judgeRun } from './judge-run.ts'

const cycle = (number: number) => ({ atSeconds: 60 * number, operations: 100 * number }) as CycleObservation

const heapOf = (cycles: number) => ({
  ...({ name: 'heap', kind: 'size', unit: 'bytes', raw: [], limit: undefined, isInformative: false } as const),
  floors: Array.from({ length: cycles }, (_, i) => 5e7 + (i % 2)),
})

function verdictAfter(cycles: number, below: string) {
  return judgeRun({
    cycles: Array.from({ length: cycles }, (_, i) => cycle(i + 1)),
    resources: [heapOf(cycles)],
    criteria: { alpha: 0.01, resources: { heap: { below, kind: 'size' } } },
    isOptional: false,
    look: undefined,
  })
}

test.each([
  '1000000/h',
  '100/cycle',
  '1000/1000 operations',
])('a run that ended in its first cycle is open by %s, not refused', (below) => {
  for (const cycles of [1, 0]) expect(verdictAfter(cycles, below).outcome).not.toBe('leak')
})

test('a limit by time is one by operations, as many as there were', () => {
  const { resources } = verdictAfter(40, '1000000/h')
  // 100 operations a minute.
  expect(resources[0]!.criterion).toMatchObject({ below: 1e6 / 60 / 100, result: 'met' })
})
