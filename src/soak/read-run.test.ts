import { describe, expect, test } from 'vitest'
import { readRun } from './read-run.ts'
import { recordOf } from './report/testing.ts'

const good = JSON.stringify(recordOf({}), null, 2)
const changed = (from: string | RegExp, to: string) => good.replace(from, to)

describe('a run that is read', () => {
  test('is the one that was written', () => {
    expect(readRun('run.json', good)).toEqual(recordOf({}))
  })

  test.each([
    { name: 'cut off', text: good.slice(0, 400), says: /^run\.json:\d+:\d+: this is no JSON: / },
    { name: 'empty', text: '', says: /^run\.json: this is no JSON: Unexpected end of JSON input/ },
    { name: 'YAML', text: 'format: 1\n', says: /^run\.json: this is no JSON: / },
    { name: 'another format', text: changed('"format": 1', '"format": 2'), says: /^run\.json:2:13: format: / },
    {
      name: 'a text for a number',
      text: changed(/"pid": \d+/, '"pid": "7"'),
      says: /^run\.json:\d+:14: targets\.0\.pid: /,
    },
    { name: 'a key that is missing', text: changed(/"seed": \d+,/, ''), says: /^run\.json:1:1: seed: / },
    { name: 'no target', text: JSON.stringify({ ...recordOf({}), targets: [] }), says: /^run\.json:1:\d+: targets: / },
    {
      name: 'growth per cycle',
      text: changed('"unit": "operation"', '"unit": "cycle"'),
      says: /targets\.0\.verdict\.unit: /,
    },
    {
      name: 'a reading too few',
      text: changed(/"floors": \[\s+\d+,/, '"floors": ['),
      says: /"descriptors" has 47 readings for 48 cycles/,
    },
    {
      name: 'only a reference',
      text: changed('"role": "under test"', '"role": "reference"'),
      says: /the first target is the one under test/,
    },
  ])('$name: $says', ({ text, says }) => {
    expect(() => readRun('run.json', text)).toThrow(says)
  })
})
