import { expect, test } from 'vitest'
import { lineFlags } from '../batch/flags.ts'
import { rowsOf } from '../batch/row.ts'
import { BatchMaker } from '../batch/testing.ts'
import { loadConfig } from '../config/load.ts'
import { planOf } from './delivery-plan.ts'
import { registries } from './registries.ts'

const text = `
sources: { engine: { type: docker } }
transforms:
  private: { type: redact, inputs: [engine] }
  ways: { type: route, inputs: [private], routes: { errors: { level: error } } }
sinks:
  pager: { type: file, inputs: [ways.errors], path: ./pager.log }
  disk: { type: file, inputs: [ways.default], path: ./disk.log }
`
const config = loadConfig({ registries, input: { kind: 'text', text, name: 'test.yaml' }, env: {} })

test.each([
  ['pager', ['ERROR of [redacted email]']],
  ['disk', ['login of [redacted email]', 'ready']],
])('what %s is to hold is what its way makes of the lines', (sink, expected) => {
  const lines = ['ERROR of a@b.de', 'login of c@d.fr', 'ready']
  const made = planOf(config, sink).prepare(new BatchMaker().batchOf(lines.map((line) => ({ text: line }))))
  const kept = rowsOf(made).filter(({ flags }) => (flags & lineFlags.dropped) === 0)
  expect(kept.map((row) => row.text)).toEqual(expected)
})

test('what a joiner makes depends on the clock, and is not to be compared', () => {
  const joined = text
    .replace('inputs: [private]', 'inputs: [whole]')
    .replace('transforms:', 'transforms:\n  whole: { type: multiline, inputs: [private] }')
  const input = { kind: 'text', text: joined, name: 'test.yaml' } as const
  expect(() => planOf(loadConfig({ registries, input, env: {} }), 'disk')).toThrow(
    '"whole" makes one line of several, and where it ended them is not known here',
  )
})
