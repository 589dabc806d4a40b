import fc from 'fast-check'
import { expect, test } from 'vitest'
import { lineFlags } from '../../batch/flags.ts'
import { BatchMaker, type TestLine } from '../../batch/testing.ts'
import { createMetrics } from '../../telemetry/metrics.ts'
import { route } from './route.ts'

/** For each line the name of its output. */
function ways(lines: readonly TestLine[], routes: Parameters<typeof route.options.parse>[0]): (string | undefined)[] {
  const router = route.create(route.options.parse({ routes }), { id: 'ways', metrics: createMetrics() })
  const outputs = router.route(new BatchMaker().batchOf(lines))
  return lines.map((_, row) => router.outputs[outputs[row]!])
}

test('a line goes to the first route that it meets, and to the default where there is none', () => {
  const lines: TestLine[] = [
    { text: 'ERROR in web', container: 'web-1' },
    { text: 'hello', container: 'web-1' },
    { text: 'ERROR in db', container: 'db' },
    { text: '', container: 'db' },
  ]
  const web = { containers: ['web-*'] }
  expect(ways(lines, { errors: { level: 'error' }, web })).toEqual(['errors', 'web', 'errors', 'default'])
  expect(ways(lines, { web, errors: { level: 'error' } })).toEqual(['web', 'web', 'errors', 'default'])
})

test('each line goes one way, whatever the routes', () => {
  const text = fc.constantFrom('a', 'b', 'ab', 'c', '')
  const routes = fc.dictionary(
    fc.constantFrom('x', 'y', 'z'),
    fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1 }),
    {
      minKeys: 1,
    },
  )
  fc.assert(
    fc.property(fc.array(text, { minLength: 1 }), routes, (texts, given) => {
      const written = Object.fromEntries(Object.entries(given).map(([name, include]) => [name, { include }]))
      const expected = texts.map(
        (one) =>
          Object.entries(given).find(([, include]) => include.some((part) => one.includes(part)))?.[0] ?? 'default',
      )
      expect(
        ways(
          texts.map((one) => ({ text: one })),
          written,
        ),
      ).toEqual(expected)
    }),
  )
})

test('lines that were dropped before change nothing, and nothing is written to the batch', () => {
  const router = route.create(route.options.parse({ routes: { a: { include: ['x'] } } }), {
    id: 'ways',
    metrics: createMetrics(),
  })
  const batch = new BatchMaker().batchOf([{ text: 'x', flags: lineFlags.dropped }, { text: 'x' }])
  router.route(batch)
  expect([...batch.columns.flags.subarray(0, 2)]).toEqual([lineFlags.dropped, 0])
})

test.each([
  [{}, /there is no route/],
  [{ default: {} }, /needs no conditions/],
  [{ 'a.b': {} }, /a name is made of/],
  [{ a: { inclde: [] } }, /inclde/],
])('%j is a mistake', (routes, expected) => {
  expect(() => route.options.parse({ routes })).toThrow(expected)
})
