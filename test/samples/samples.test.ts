import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { LineTrial } from '../../src/app/try-lines/line-trial.ts'
import { partOf } from '../../src/app/try-lines/tried-part.ts'
import { registries } from '../../src/app/registries.ts'
import { triedText } from '../../src/cli/try/tried-text.ts'
import { loadConfig } from '../../src/config/load.ts'
import { LineSplitter } from '../../src/lib/line-splitter.ts'

// Lines as programs write them, with a configuration for them, and what comes of them. For a new sample, or one that is to come out otherwise:
//     log-capturer try -c log-capturer.yaml --at out --show-dropped --json < lines.log > expected.ndjson
// and every line of it is read before it is kept.

const here = import.meta.dirname
const samples = readdirSync(here, { withFileTypes: true }).filter((entry) => entry.isDirectory())

test.each(samples.map(({ name }) => name))('%s', (name) => {
  const file = (called: string) => join(here, name, called)
  const input = { kind: 'files', files: [file('log-capturer.yaml')] } as const
  const trial = new LineTrial(partOf(loadConfig({ registries, input, env: {} }), { at: 'out', source: undefined }))
  const splitter = new LineSplitter((line) => trial.put(line))
  splitter.write(readFileSync(file('lines.log')))
  splitter.end()
  const expected = readFileSync(file('expected.ndjson'), 'utf8').trimEnd().split('\n')
  const form = { isTerminal: false, isJson: true, withDropped: true }
  expect(triedText(trial.end(), form).trimEnd().split('\n')).toEqual(expected)
})

test('there is a line in each that is of no format, and goes on as it is', () => {
  for (const { name } of samples) {
    const expected = readFileSync(join(here, name, 'expected.ndjson'), 'utf8')
      .trimEnd()
      .split('\n')
    const kept = expected.map((line) => JSON.parse(line) as { text: string; fields?: { level?: string } })
    expect(kept.some(({ fields = {} }) => Object.keys(fields).every((field) => field === 'level'))).toBe(true)
  }
})
