import { expect, test } from 'vitest'
import { compareStream } from './compare.ts'
import { hashText, LineColumns } from './line-columns.ts'
import { splitByToldOrder } from './told-order.ts'

/** Lines by their text, at so many nanoseconds. */
function columnsOf(lines: readonly (readonly [text: string, at: number])[]): LineColumns {
  const columns = new LineColumns()
  for (const [text, at] of lines) {
    const facts = { seconds: 1_795_000_000, nanos: at, ordinal: 0, high: 0, low: 0, flags: 0 }
    hashText(Buffer.from(text), 0, text.length, facts)
    columns.add(facts)
  }
  return columns
}

const cases = [
  {
    name: 'of one time, with metadata of their own',
    truth: [
      ['a', 10],
      ['b', 20],
      ['c', 20],
      ['d', 30],
    ],
    held: [
      ['a', 10],
      ['c', 20],
      ['b', 20],
      ['d', 30],
    ],
    hasUnknownOrder: true,
    found: { told: 0, untold: 1 },
  },
  {
    name: 'of one time, in one stream of the destination',
    truth: [
      ['a', 10],
      ['b', 20],
      ['c', 20],
      ['d', 30],
    ],
    held: [
      ['a', 10],
      ['c', 20],
      ['b', 20],
      ['d', 30],
    ],
    hasUnknownOrder: false,
    found: { told: 1, untold: 0 },
  },
  {
    name: 'whose times go back at the engine',
    truth: [
      ['a', 10],
      ['b', 50],
      ['c', 20],
      ['d', 60],
    ],
    held: [
      ['a', 10],
      ['c', 20],
      ['b', 50],
      ['d', 60],
    ],
    hasUnknownOrder: false,
    found: { told: 0, untold: 1 },
  },
  {
    name: 'that have each other’s times',
    truth: [
      ['a', 10],
      ['b', 20],
      ['c', 30],
      ['d', 40],
    ],
    held: [
      ['a', 10],
      ['c', 20],
      ['b', 30],
      ['d', 40],
    ],
    hasUnknownOrder: false,
    found: { told: 1, untold: 0 },
  },
] as const

test.each(cases)('lines $name', ({ truth, held, hasUnknownOrder, found }) => {
  const [truthLines, lines] = [columnsOf(truth), columnsOf(held)]
  const delivered = { lines, texts: new Map(), hasUnknownOrder, isSortedByTime: true, incomplete: undefined }
  const { told, untold } = splitByToldOrder(truthLines, delivered, compareStream(truthLines, lines))
  expect({ told: told.length, untold }).toEqual(found)
})
