import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { findLines, lineText } from './line-text.ts'
import { Tally } from './tally.ts'

const lab = '0a1b2c3d'
const found = (text: string) => {
  const lines: [run: number, place: number][] = []
  findLines(text, lab, (run, place) => lines.push([run, place]))
  return lines
}

describe('lines of the lab', () => {
  test('are as long as asked for, and found in text and in JSON', () => {
    fc.assert(
      fc.property(fc.nat(1e6), fc.nat(1e6), fc.integer({ min: 60, max: 500 }), (run, place, bytes) => {
        const line = lineText({ lab, run, place }, bytes)
        expect(line).toHaveLength(bytes)
        expect(found(line)).toEqual([[run, place]])
        expect(
          found(
            JSON.stringify({
              streams: [
                {
                  values: [
                    ['1', line],
                    ['2', `${line}x`],
                  ],
                },
              ],
            }),
          ),
        ).toEqual([
          [run, place],
          [run, place],
        ])
      }),
    )
  })

  test('are not found in what only looks like them', () => {
    expect(
      found(`soak#${lab}#1#; soak#${lab}##2; soak#${lab}#a#1; soak#1#2; xsoak #${lab}#1#2; soak#${lab}#1#2`),
    ).toEqual([])
  })

  test('are told from those of another run of the lab', () => {
    expect(found(lineText({ lab: '0a1b2c3e', run: 1, place: 2 }, 60))).toEqual([])
  })
})

describe('the tally', () => {
  test('a run is complete when every line of it has come, in whatever order, before or after it has ended', async () => {
    const tally = new Tally(lab)
    tally.expect(1)
    for (const place of [3, 1]) tally.take(1, place)
    tally.wrote(1, 3)
    expect(tally.counts()).toMatchObject({ linesWritten: 3, linesDelivered: 2, incompleteRuns: 1, linesMissing: 1 })
    const arrived = tally.arrived(1)
    tally.take(1, 2)
    await arrived
    expect(tally.counts()).toEqual({
      linesWritten: 3,
      linesDelivered: 3,
      linesDoubled: 0,
      incompleteRuns: 0,
      linesMissing: 0,
    })
  })

  test('what comes again, of an open run or a complete one, or was never written, is doubled', () => {
    const tally = new Tally(lab)
    tally.expect(1)
    tally.take(1, 1)
    tally.take(1, 1)
    tally.wrote(1, 1)
    tally.take(1, 1)
    tally.take(7, 1)
    tally.expect(2)
    tally.wrote(2, 2)
    tally.take(2, 3)
    expect(tally.counts()).toEqual({
      linesWritten: 3,
      linesDelivered: 1,
      linesDoubled: 4,
      incompleteRuns: 1,
      linesMissing: 2,
    })
  })
})
