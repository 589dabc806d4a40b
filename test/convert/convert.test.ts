import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readTests } from '../../src/app/line-tests/read-tests.ts'
import { runTest } from '../../src/app/line-tests/run-tests.ts'
import { registries } from '../../src/app/registries.ts'
import { loadConfig } from '../../src/config/load.ts'
import { convert, convertedSystems } from '../../src/convert/convert.ts'
import { gapComments } from '../../src/convert/draft.ts'

/** Stands for whatever variable a configuration asks for. */
const env = new Proxy<Record<string, string>>(
  {},
  {
    get: (_target, name) => (String(name).includes('URL') ? 'http://loki:3100' : 'text'),
    getOwnPropertyDescriptor: () => ({ configurable: true, enumerable: true, value: 'text' }),
  },
)

// NAME.in.* is the configuration of the other collector, NAME.yaml what is made of it, gaps at its head, NAME.test.yaml what it does to lines.
describe.each(convertedSystems)('%s', (system) => {
  const folder = join(import.meta.dirname, system)
  const inputs = readdirSync(folder).filter((name) => /\.in\.\w+$/.test(name))

  test('there are enough configurations', () => {
    expect(inputs.length).toBeGreaterThanOrEqual(15)
  })

  test.each(inputs)('%s', async (name) => {
    const base = join(folder, name.replace(/\.in\.\w+$/, ''))
    const { text, gaps } = convert(system, { name, text: readFileSync(join(folder, name), 'utf8') })
    await expect(gapComments(gaps) + text).toMatchFileSnapshot(`${base}.yaml`)
    const config = loadConfig({ registries, input: { kind: 'text', text, name: 'made.yaml' }, env })
    const testFile = `${base}.test.yaml`
    if (!existsSync(testFile)) return
    const tests = readTests({ name: testFile, text: readFileSync(testFile, 'utf8') }, config, env)
    for (const lineTest of tests) {
      const { observed } = runTest(lineTest, config)
      for (const { name: at, seen, expected, failure } of observed)
        expect({ test: lineTest.name, at, seen, failure }).toEqual({
          test: lineTest.name,
          at,
          seen: expected,
          failure: undefined,
        })
    }
  })
})
