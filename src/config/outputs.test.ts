import { expect, test } from 'vitest'
import { load, problemsOf } from './testing.ts'

/** A router with the outputs `errors`, `web` and `default`, of which sinks read these. */
const read = (...inputs: string[]) => `sources: { a: { type: docker } }
transforms:
  r: { type: split, inputs: [a], ways: [errors, web] }
  q: { type: drop, inputs: [a], pattern: x }
sinks:
  s: { type: blackhole, inputs: [${['q', ...inputs].join(', ')}] }`

test('outputs are read by their names; the default may stay unread', () => {
  expect(load(read('r.errors', 'r.web')).sinks[0]!.inputs).toEqual(['q', 'r.errors', 'r.web'])
  expect(problemsOf(read('r.errors', 'r.web', 'r.default'))).toEqual([])
})

test.each([
  [['r.erors', 'r.web'], '6:37: sinks.s.inputs[1]: "r" has no output "erors"; did you mean "r.errors"?'],
  [
    ['r'],
    '6:37: sinks.s.inputs[1]: "r" has several outputs; write r.errors or r.web or r.default',
    '3:3: transforms.r: nothing reads from "r.errors"; add "r.errors" to the inputs of a sink, or remove it',
    '3:3: transforms.r: nothing reads from "r.web"; add "r.web" to the inputs of a sink, or remove it',
  ],
  [
    ['r.default', 'r.web'],
    '3:3: transforms.r: nothing reads from "r.errors"; add "r.errors" to the inputs of a sink, or remove it',
  ],
  [
    ['q.errors', 'r.web', 'r.errors'],
    '6:37: sinks.s.inputs[1]: the transform "q" has no outputs with names; write "q"',
  ],
  [
    ['x.errors', 'r.web', 'r.errors'],
    '6:37: sinks.s.inputs[1]: there is no source or transform "x.errors"; did you mean "r.errors"?',
  ],
  [[], '3:3: transforms.r: nothing reads from this transform; add "r.errors" to the inputs of a sink, or remove it'],
])('inputs %j', (inputs, ...problems) => {
  expect([...problemsOf(read(...inputs))].sort()).toEqual([...problems].sort())
})

test('a circle over an output is a circle', () => {
  const text = `sources: { a: { type: docker } }
transforms:
  r: { type: split, inputs: [a, q], ways: [x] }
  q: { type: drop, inputs: [r.x], pattern: x }
sinks: { s: { type: blackhole, inputs: [r.default] } }`
  expect(problemsOf(text).join('\n')).toContain('the inputs go in a circle: ')
})

test('what reads from a router with mistakes is not blamed for them', () => {
  const text = read('r.errors').replace('ways: [errors, web]', 'wys: 1')
  expect(problemsOf(text).filter((one) => !one.includes('transforms.r'))).toEqual([])
})

/** A joiner that reads from these, of a router and of what stands between. */
const joined = (...inputs: string[]) => `sources: { a: { type: docker }, b: { type: docker } }
transforms:
  r: { type: split, inputs: [a], ways: [x, y] }
  q: { type: drop, inputs: [a], pattern: x }
  j: { type: join, inputs: [${inputs.join(', ')}] }
sinks:
  s: { type: blackhole, inputs: [j, q, r.x, r.y, b] }`

test.each([
  [['a', 'b'], undefined],
  [['r.x', 'b'], undefined],
  [['q', 'r.x'], 2],
  [['a', 'q', 'r.x', 'r.y'], 4],
])('lines that are joined come by one way: %j', (inputs, ways) => {
  const message = `5:3: transforms.j: the lines of "a" come here by ${ways} ways, and are not in order then; join them before they part, or give each way a transform of its own`
  expect(problemsOf(joined(...inputs))).toEqual(ways === undefined ? [] : [message])
})
