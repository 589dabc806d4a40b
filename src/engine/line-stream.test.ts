import { describe, expect, test } from 'vitest'
import { LineStream, overlapping } from './line-stream.ts'
import { proofOf } from './log-streams.ts'

const origin = {
  key: 's/c/stdout',
  stream: 'stdout',
  container: { id: 'c', name: 'c', image: 'i' },
  labels: {},
  host: 'h',
} as const

test('a clock that seems to go back while a read repeats what was taken makes no new lines of old ones', () => {
  const clock = { seconds: 2_000, now: () => clock.seconds, isFine: true, neverRepeats: false }
  const stream = new LineStream(origin, clock, undefined)
  stream.beginRead()
  for (let line = 1; line <= 10; line++) expect(stream.take(1_000 + line, 1, line)).toBe(0)
  stream.beginRead()
  for (let line = 1; line <= 5; line++) expect(stream.take(1_000 + line, 1, line)).toBeLessThan(0)
  clock.seconds = 1_000
  for (let line = 6; line <= 10; line++) expect(stream.take(1_000 + line, 1, line)).toBeLessThan(0)
  // What stands behind the cursor's own line is new, whatever its time.
  expect(stream.take(1_001, 1, 11)).toBe(0)
})

describe('a read of the last lines', () => {
  const clock = { now: () => 5_000, isFine: true, neverRepeats: true }
  const open = () => {
    const streams = {
      stdout: new LineStream(origin, clock, undefined),
      stderr: new LineStream(origin, clock, undefined),
    }
    for (const stream of [streams.stdout, streams.stderr]) stream.beginRead()
    for (let line = 1; line <= 10; line++) expect(streams.stdout.take(1_000 + line, 1, line)).toBe(0)
    const readAgain = () => {
      const proof = proofOf(streams, 4)!
      streams.stdout.beginRead(proof)
      streams.stderr.beginRead(proof)
      return proof
    }
    return { ...streams, readAgain }
  }

  test('that shows the last line taken goes on behind it', () => {
    const { stdout, stderr, readAgain } = open()
    const proof = readAgain()
    for (let line = 8; line <= 10; line++) expect(stdout.take(1_000 + line, 1, line)).toBe(overlapping)
    expect([stdout.take(1_011, 1, 11), stderr.take(1_011, 1, 11), proof.isRefuted]).toEqual([0, 0, false])
  })

  test('that does not show it takes nothing, of either stream', () => {
    const { stdout, stderr, readAgain } = open()
    const proof = readAgain()
    expect(stdout.take(500, 1, 1)).toBe(overlapping)
    expect([stderr.take(1_011, 1, 11), stdout.take(1_012, 1, 12), proof.isRefuted]).toEqual([
      overlapping,
      overlapping,
      true,
    ])
  })

  test('that is over without having shown it is refuted', () => {
    const { stdout, readAgain } = open()
    const proof = readAgain()
    const isRefuted = [500, 501, 502, 503].map(
      (seconds) => stdout.take(seconds, 1, 1) === overlapping && proof.isRefuted,
    )
    expect(isRefuted).toEqual([false, false, false, true])
  })

  test('that is doubted takes everything behind the last line taken', () => {
    const { stdout, readAgain } = open()
    stdout.doubt()
    readAgain()
    expect(stdout.isSeeking).toBe(true)
    for (const seconds of [1_009, 1_012]) expect(stdout.take(seconds, 1, 1)).toBe(overlapping)
    expect(stdout.take(1_010, 1, 10)).toBe(overlapping)
    expect([stdout.isSeeking, stdout.isAhead]).toEqual([false, false])
    for (const seconds of [500, 501, 1_011]) expect(stdout.take(seconds, 1, 1)).toBe(0)
  })

  test('of a log that has lost the last line taken goes on by time, and repeats nothing', () => {
    const { stdout, readAgain } = open()
    stdout.doubt()
    readAgain()
    expect(stdout.take(1_009, 1, 9)).toBe(overlapping)
    stdout.forgetPlace()
    const proof = readAgain()
    expect(stdout.take(1_009, 1, 9)).toBe(overlapping)
    expect([stdout.take(1_011, 1, 11), proof.isRefuted]).toEqual([0, false])
  })
})
