import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { eventsOf } from './testing.ts'

// What programs of each language write, and what is to become of it: `> ` before the first line of an event, `| ` before the others. After a change
// `UPDATE_SAMPLES=1` writes the expected files anew, to be read before they are committed.

const folder = join(import.meta.dirname, 'samples')
const samples = readdirSync(folder)
  .filter((name) => name.endsWith('.log'))
  .map((name) => name.slice(0, -4))

const linesOf = (sample: string) =>
  readFileSync(join(folder, `${sample}.log`), 'utf8')
    .split('\n')
    .slice(0, -1)
const shown = (events: readonly string[]) => events.map((event) => `> ${event.replaceAll('\n', '\n| ')}\n`).join('')

describe.each(samples)('%s', (sample) => {
  test('becomes what is expected, with all presets', () => {
    const path = join(folder, `${sample}.events`)
    const seen = shown(
      eventsOf(
        linesOf(sample).map((text) => ({ text })),
        {},
      ),
    )
    if (process.env['UPDATE_SAMPLES'] !== undefined) writeFileSync(path, seen)
    expect(existsSync(path)).toBe(true)
    expect(seen).toBe(readFileSync(path, 'utf8'))
  })

  test('becomes the same with its own preset alone', () => {
    const lines = linesOf(sample).map((text) => ({ text }))
    expect(eventsOf(lines, { presets: [sample as 'java'] })).toEqual(eventsOf(lines, {}))
  })
})
