import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { awkProgram, LineWriter } from './lines.ts'
import { Tally } from './tally.ts'

const shape = { run: 'r1', minPaddingBytes: 3, spreadBytes: 40 }
const writer = new LineWriter(shape)
const line = (number: number, container = 'web-1') => writer.text({ container, stream: 'stdout', number })

function tallyOf(lines: readonly string[]): Tally {
  const tally = new Tally(shape)
  for (const text of lines) tally.take(text, 7)
  return tally
}

const clean = { doubled: 0, doubledByOtherId: 0, outOfOrder: 0, altered: 0 }

describe('the oracle', () => {
  test.each([
    ['all, in order', [0, 1, 2], { lines: 3 }],
    ['one twice', [0, 1, 1, 2], { lines: 3, doubled: 1 }],
    ['a piece again, from its beginning', [0, 1, 2, 0, 1, 2, 3], { lines: 4, doubled: 3 }],
    ['two in the wrong order', [0, 2, 1], { lines: 3, outOfOrder: 1 }],
    ['three overtaken', [4, 0, 1, 2, 5], { lines: 5, outOfOrder: 3 }],
  ])('%s', (_, numbers, expected) => {
    expect(tallyOf(numbers.map((number) => line(number))).counts).toEqual({ ...clean, ...expected })
  })

  test('a stream of its own for each container', () => {
    expect(tallyOf([line(1), line(0, 'b')]).counts).toEqual({ ...clean, lines: 2 })
  })

  test('one byte more, less or other is an altered line, and so is a stranger', () => {
    const text = line(30)
    const wrong = [`${text}x`, text.slice(0, -1), text.replace(/.$/, '-'), 'who is this', '', `r2${text.slice(2)}`]
    expect(tallyOf(wrong).counts).toEqual({ ...clean, lines: 0, altered: wrong.length })
  })

  test('a repeat with another time is not the same id', () => {
    const tally = new Tally(shape)
    for (const time of [5, 5, 6]) tally.take(line(0), time)
    expect(tally.counts).toEqual({ ...clean, lines: 1, doubled: 2, doubledByOtherId: 1 })
  })

  test('counts what of one tally is not in another, wherever it is', () => {
    const numbers = fc.uniqueArray(fc.nat(5_000))
    fc.assert(
      fc.property(numbers, numbers, (expected, received) => {
        const lost = tallyOf(expected.map((n) => line(n))).countLost(tallyOf(received.map((n) => line(n))))
        const has = new Set(received)
        expect(lost).toBe(expected.filter((number) => !has.has(number)).length)
      }),
    )
  })

  test('the program in the container writes the lines that are looked for', () => {
    const program = awkProgram(shape, {
      ...{ container: 'web-1', lines: 300, streams: ['stdout'], burst: 100, pauseMs: 1 },
    })
    const written = execFileSync('busybox', ['awk', program], { encoding: 'utf8' }).split('\n').slice(0, -1)
    expect(written).toEqual(Array.from({ length: 300 }, (_, number) => line(number)))
  })
})
