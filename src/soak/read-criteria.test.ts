import { describe, expect, test } from 'vitest'
import { criteriaFor, readCriteria } from './read-criteria.ts'

const read = (text: string) => readCriteria('criteria.yaml', text)

describe('criteria', () => {
  test('are read in units of the series', () => {
    const file = read(
      'warm_up: 90s\nlook: 2\nresources:\n  fds: { below: 5/min }\n  heap: { below: 60/h, kind: size }\n  other: {}\n',
    )
    expect(criteriaFor('minute', file)).toEqual({
      alpha: 0.01,
      look: 2,
      warmUp: 1.5,
      resources: [
        { name: 'fds', below: 5, kind: undefined },
        { name: 'heap', below: 1, kind: 'size' },
        { name: 'other', below: undefined, kind: undefined },
      ],
    })
  })

  test.each([
    { below: '0.66/1000 operations', unit: 'operation', is: 0.00066 },
    { below: '2 / operation', unit: 'operation', is: 2 },
    { below: '5/min', unit: 'operation', is: 0.01 },
    { below: '60/h', unit: 'operation', is: 0.002 },
    { below: '1/cycle', unit: 'operation', is: 0.004 },
    { below: '1/1000 operations', unit: 'cycle', is: 0.25 },
    { below: '1/cycle', unit: 'minute', is: 2 },
  ] as const)('$below is $is for each $unit, of 500 a minute and 250 a cycle', ({ below, unit, is }) => {
    const [criterion] = criteriaFor(unit, read(`resources: { a: { below: ${below} } }`), {
      minute: 500,
      cycle: 250,
    }).resources
    expect(criterion!.below).toBeCloseTo(is, 12)
  })

  test.each([
    { text: 'resources: { a: { below: 5/0 operations } }', says: /write for example/ },
    { text: 'resources: { a: { below: 5 } }', says: /^criteria.yaml:1:26: resources.a.below: / },
    { text: 'resources:\n  a: { below: 5/day }', says: /^criteria.yaml:2:15: resources.a.below: write for example/ },
    { text: 'resources: {}', says: /name at least one/ },
    { text: 'alpha: 0.01', says: /^criteria.yaml:1:1: resources: / },
    { text: 'resources: { a: {} }\nalhpa: 1', says: /Unrecognized key: "alhpa"/ },
    { text: 'resources: { a: {}', says: /^criteria.yaml:1:/ },
    { text: 'resources: { a: {} }\nwarm_up: soon', says: /^criteria.yaml:2:10: warm_up: write for example 5m/ },
    { text: '', says: /^criteria.yaml:1:1: / },
  ])('$text', ({ text, says }) => {
    expect(() => read(text)).toThrow(says)
  })

  test.each([
    {
      unit: 'cycle',
      text: 'resources: { a: { below: 5/min } }',
      says: 'the criterion of "a" is 5/min, and the series goes by cycles',
    },
    {
      unit: 'minute',
      text: 'resources: { a: { below: 5/cycle } }',
      says: 'the criterion of "a" is 5/cycle, and the series goes by minutes',
    },
    {
      unit: 'operation',
      text: 'resources: { a: { below: 5/min } }',
      says: 'the criterion of "a" is 5/min, and the series goes by operations',
    },
    { unit: 'cycle', text: 'warm_up: 5m\nresources: { a: {} }', says: 'warm_up is a time' },
  ] as const)('of other units than the series: $text', ({ unit, text, says }) => {
    expect(() => criteriaFor(unit, read(text))).toThrow(says)
  })
})
