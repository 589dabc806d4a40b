import { expect, test } from 'vitest'
import type { WatchedResourceReport, WatchReport } from '../app/watch/remote-report.ts'
import { watchLines } from './watch-lines.ts'

const resource: WatchedResourceReport = {
  name: 'descriptors',
  unit: 'items',
  outcome: 'clean',
  held: 21,
  growthPerHour: { rate: 0.1234, low: -1.5, high: 2.25 },
  judgedHours: 24,
  criterionPerHour: 10,
  since: undefined,
  limitInHours: undefined,
  reason: undefined,
}
const report: WatchReport = {
  outcome: 'clean',
  watchedSeconds: 93_600,
  descriptors: { open: 61, limit: 1_024 },
  residentBytes: 100 * 2 ** 20,
  resources: [resource],
}

test('a table, and what there is to know besides', () => {
  const heap: WatchedResourceReport = {
    ...resource,
    name: 'heap',
    unit: 'bytes',
    outcome: 'not_enough_evidence',
    held: 3 * 2 ** 20,
    growthPerHour: undefined,
    reason: 'at least 20 readings after the warm-up are needed',
  }
  expect(watchLines({ ...report, outcome: 'not_enough_evidence', resources: [resource, heap] })).toEqual([
    'resource     held     growth an hour  limits       judged  verdict',
    'descriptors  21       0.1             -1.5 to 2.3  1d      clean',
    'heap         3.0 MiB  -               -            -       not enough evidence',
    '',
    'descriptors open: 61 of 1,024; resident: 100.0 MiB; watched for 1d2h',
    'heap: at least 20 readings after the warm-up are needed',
    'NOT ENOUGH EVIDENCE: 1 of 2 resources clean',
  ])
})

test('a leak: how fast, since when, and until when there are descriptors', () => {
  const leak: WatchedResourceReport = {
    ...resource,
    outcome: 'leak',
    growthPerHour: { rate: 60, low: 50, high: 70 },
    judgedHours: 3,
    since: '2026-03-01T10:00:00.000Z',
    limitInHours: { soonest: 13.5, likely: 16, latest: 19 },
  }
  expect(watchLines({ ...report, outcome: 'leak', resources: [leak] }).slice(-2)).toEqual([
    'descriptors: a leak of about 60 an hour, at least 50, by the last 3h; told since 2026-03-01T10:00:00.000Z; the limit of descriptors is reached in about 16h, at the soonest in 13h30m',
    'LEAK: descriptors; 0 of 1 resources clean',
  ])
})
