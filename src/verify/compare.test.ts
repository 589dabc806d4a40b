import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compareStream } from './compare.ts'
import { hashText, LineColumns, noTime } from './line-columns.ts'

interface Line {
  readonly text: string
  readonly at: number
}

/** `at` in nanoseconds after some second. */
function columnsOf(lines: readonly Line[], { hasTimes = true } = {}): LineColumns {
  const columns = new LineColumns()
  const ordinals = new Map<number, number>()
  for (const { text, at } of lines) {
    const ordinal = ordinals.get(at) ?? 0
    ordinals.set(at, ordinal + 1)
    const facts = {
      seconds: hasTimes ? 1_795_000_000 : noTime,
      nanos: hasTimes ? at : 0,
      ordinal,
      high: 0,
      low: 0,
      flags: 0,
    }
    const bytes = Buffer.from(text)
    hashText(bytes, 0, bytes.length, facts)
    columns.add(facts)
  }
  return columns
}

const line = (n: number): Line => ({ text: `line ${n}`, at: n * 1_001 })
const lines = (count: number) => Array.from({ length: count }, (_, n) => line(n))

const counts = (truth: readonly Line[], delivered: readonly Line[], hasTimes: boolean) => {
  const { missing, doubled, altered, outOfOrder, extra } = compareStream(
    columnsOf(truth),
    columnsOf(delivered, { hasTimes }),
  )
  const sizes = { missing, doubled, altered, outOfOrder, extra }
  return Object.fromEntries(Object.entries(sizes).map(([name, { length }]) => [name, length]))
}
const none = { missing: 0, doubled: 0, altered: 0, outOfOrder: 0, extra: 0 }

/** What is done to every other line: those between stay, so that the edits do not touch. */
const edits = fc.array(fc.constantFrom('keep', 'delete', 'duplicate', 'alter', 'swap'), { maxLength: 120 })

describe.each([{ hasTimes: true }, { hasTimes: false }])('with times: $hasTimes', ({ hasTimes }) => {
  test('random edits are found with their exact numbers', () => {
    fc.assert(
      fc.property(edits, (chosen) => {
        const truth = lines(chosen.length * 3 + 1)
        const delivered: Line[] = [truth[0]!]
        for (const [i, edit] of chosen.entries()) {
          const [one, two, three] = truth.slice(i * 3 + 1, i * 3 + 4) as [Line, Line, Line]
          const first = { keep: [one, two], delete: [two], duplicate: [one, one, two], alter: [], swap: [two, one] }[
            edit
          ]
          delivered.push(...(edit === 'alter' ? [{ ...one, text: `other ${i}` }, two] : first), three)
        }
        const number = (edit: string) => chosen.filter((one) => one === edit).length
        expect(counts(truth, delivered, hasTimes)).toEqual({
          missing: number('delete'),
          doubled: number('duplicate'),
          altered: number('alter'),
          outOfOrder: number('swap'),
          extra: 0,
        })
      }),
    )
  })

  test('lines that repeat: what is missing and what is doubled adds up', () => {
    const texts = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 300 })
    fc.assert(
      fc.property(texts, fc.array(fc.nat()), (numbers, cuts) => {
        const truth = numbers.map((n, i) => ({ text: `text ${n}`, at: i * 1_001 }))
        const gone = new Set(cuts.map((cut) => cut % truth.length))
        const delivered = truth.filter((_, i) => !gone.has(i))
        const found = counts(truth, delivered, hasTimes)
        expect(found).toMatchObject({ missing: gone.size, doubled: 0, altered: 0, extra: 0 })
      }),
    )
  })

  test('a block sent twice is doubled, and nothing is out of order', () => {
    const truth = lines(50)
    const delivered = [...truth.slice(0, 30), ...truth.slice(20, 50)]
    expect(counts(truth, delivered, hasTimes)).toEqual({ ...none, doubled: 10 })
  })

  test('a block moved as a whole counts its lines', () => {
    const truth = lines(50)
    const delivered = [...truth.slice(0, 20), ...truth.slice(25), ...truth.slice(20, 25)]
    expect(counts(truth, delivered, hasTimes)).toEqual({ ...none, outOfOrder: 5 })
  })

  test('lines older than the truth are extra, the first line altered is seen', () => {
    const all = lines(20)
    const delivered = [...all.slice(0, 10), { ...all[10]!, text: 'other' }, ...all.slice(11)]
    expect(counts(all.slice(10), delivered, hasTimes)).toEqual({ ...none, altered: 1, extra: 10 })
  })

  test('300,000 lines, every hundredth missing, among them many that repeat', () => {
    const truth = lines(300_000).map((one, i) => (i % 3 === 0 ? { ...one, text: 'GET /health' } : one))
    const delivered = truth.filter((_, i) => i % 100 !== 0)
    expect(counts(truth, delivered, hasTimes)).toEqual({ ...none, missing: 3_000 })
  }, 30_000)
})

describe('lines with another time than the engine’s', () => {
  const truth = lines(30)
  const at = (n: number, time: number) => truth.map((one, i) => (i === n ? { ...one, at: time } : one))
  const byTime = (some: readonly Line[]) => [...some].sort((a, b) => a.at - b.at)
  const swapped = truth.map((one, i) => (i === 7 || i === 8 ? { ...one, at: truth[15 - i]!.at } : one))
  test.each([
    ['two have each other’s', byTime(swapped), { outOfOrder: 1 }],
    ['one has a much later', byTime(at(7, truth[20]!.at + 5)), { outOfOrder: 1 }],
    ['one has a little more', at(7, truth[7]!.at + 1), {}],
    ['one has another, in its place', at(29, truth[29]!.at + 5_000_000), { altered: 1 }],
    ['one is there twice', byTime([...truth, { ...truth[7]!, at: truth[20]!.at + 5 }]), { doubled: 1 }],
  ])('%s', (_name, delivered, found) => {
    expect(counts(truth, delivered, true)).toEqual({ ...none, ...found })
  })

  test('an old line whose text repeats does not stand for one that is missing', () => {
    const all = lines(20).map((one) => ({ ...one, text: 'GET /health' }))
    const delivered = all.filter((_, i) => i !== 12)
    expect(counts(all.slice(5), delivered, true)).toEqual({ ...none, missing: 1, extra: 5 })
  })
})

describe('times of other collectors', () => {
  const truth = Array.from({ length: 100 }, (_, n) => ({ text: `text ${n % 7}`, at: n * 1_500_017 }))
  test.each([
    { name: 'microseconds', of: (at: number) => at - (at % 1_000) },
    { name: 'milliseconds', of: (at: number) => at - (at % 1_000_000) },
    { name: 'none', of: (at: number) => at + 77 },
  ])('$name are recognised, and nothing is wrong', ({ name, of }) => {
    const delivered = truth.map((one) => ({ ...one, at: of(one.at) }))
    const { view, missing, doubled, altered, outOfOrder } = compareStream(columnsOf(truth), columnsOf(delivered))
    expect({ view, missing, doubled, altered, outOfOrder }).toEqual({
      view: name,
      missing: [],
      doubled: [],
      altered: [],
      outOfOrder: [],
    })
  })

  test('the ordinal added in nanoseconds', () => {
    const same = Array.from({ length: 10 }, (_, n) => ({ text: `text ${n}`, at: 1_001 }))
    const delivered = same.map((one, n) => ({ ...one, at: one.at + n }))
    expect(compareStream(columnsOf(same), columnsOf(delivered))).toMatchObject({ view: 'with_ordinal', missing: [] })
  })
})
