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
    { unit: 'cycle', text: 'warm_up: 5m\nresources: { a: {} }', says: 'warm_up is a time' },
  ] as const)('of other units than the series: $text', ({ unit, text, says }) => {
    expect(() => criteriaFor(unit, read(text))).toThrow(says)
  })
})
