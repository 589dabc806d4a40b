import { describe, expect, test } from 'vitest'
import type { CollectorSnapshot } from '../app/snapshot.ts'
import type { WatchReport } from '../app/watch/remote-report.ts'
import { statusLine, statusLines, totalsLine } from './status.ts'

const open = {
  name: 'descriptors',
  unit: 'items',
  outcome: 'not_enough_evidence',
  held: 20,
  growthPerHour: undefined,
  judgedHours: undefined,
  criterionPerHour: 10,
  since: undefined,
  limitInHours: undefined,
  reason: 'the first verdict takes half an hour',
} as const
const watch: WatchReport = {
  outcome: 'not_enough_evidence',
  watchedSeconds: 90,
  descriptors: { open: 31, limit: 1024 },
  residentBytes: 2 ** 26,
  resources: [open],
}
const nothing: CollectorSnapshot = {
  linesIn: 0,
  bytesIn: 0,
  linesOut: { disk: 0, screen: 0 },
  queuedBytes: 0,
  lagSeconds: 0,
  streamsActive: 0,
  streamsOpened: 0,
  streamsClosed: 0,
  poolActive: 0,
  poolIdle: 0,
  watch,
  engines: [{ id: 'engine', isConnected: false, detail: 'not connected yet' }],
}
const later: CollectorSnapshot = {
  linesIn: 12_345,
  bytesIn: 4 * 1024 * 1024,
  linesOut: { disk: 12_000, screen: 300 },
  queuedBytes: 1536,
  lagSeconds: 0.44,
  streamsActive: 9,
  streamsOpened: 14,
  streamsClosed: 5,
  poolActive: 10,
  poolIdle: 2,
  watch,
  engines: [{ id: 'engine', isConnected: true, detail: 'Docker 28.5 at unix:///var/run/docker.sock' }],
}
const before = { snapshot: nothing, atMs: 1_000 }
const now = { snapshot: later, atMs: 3_000 }

describe('status', () => {
  test('a block for a terminal', () => {
    expect(statusLines(now, before)).toEqual([
      'engine   engine: Docker 28.5 at unix:///var/run/docker.sock',
      'in       12,345 lines, 4.0 MiB',
      'out      12,000 lines to disk',
      'out      300 lines to screen',
      'rate     6,173 lines/s, 2.0 MiB/s',
      'lag      0.4 s, 1.5 KiB waiting',
      'streams  9 active, 14 opened, 5 closed',
      'pool     10 connections active, 2 idle',
      'watch    NOT ENOUGH EVIDENCE: 0 of 1 resources clean',
    ])
  })

  test('an engine that is away is seen at once', () => {
    expect(statusLines(before, before)[0]).toBe('engine   engine: NOT CONNECTED: not connected yet')
    expect(statusLine(before, before)).toMatch(/^engine not connected, /)
  })

  test('one line for a log', () => {
    expect(statusLine(now, before)).toBe(
      '9 streams, 6,173 lines/s, 2.0 MiB/s, 12,345 lines in, 12,300 lines out, lag 0.4 s, pool 10 active 2 idle',
    )
  })

  test('a leak is told in the line for a log, too', () => {
    const leak: WatchReport = { ...watch, outcome: 'leak', resources: [{ ...open, outcome: 'leak' }] }
    expect(statusLine({ ...now, snapshot: { ...later, watch: leak } }, before)).toMatch(
      /^LEAK: descriptors; 0 of 1 resources clean, 9 streams/,
    )
  })

  test('no rate without time, none below zero', () => {
    expect(statusLine(now, now)).toContain('0 lines/s')
    expect(statusLine({ ...before, atMs: 5_000 }, now)).toContain(' 0 lines/s')
  })

  test('totals', () => {
    expect(totalsLine(later)).toBe('12,345 lines in, 12,300 lines out, 14 streams opened, 5 streams closed')
  })
})
