import { readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { ComponentSpec, Section } from '../config/component-spec.ts'
import { registries } from './registries.ts'

interface ExampleSpec extends ComponentSpec {
  readonly examples: readonly object[]
}

const specs: Readonly<Record<Section, Readonly<Record<string, ExampleSpec>>>> = registries

describe.each(Object.entries(specs))('%s', (section, registry) => {
  test('every folder is registered, under its name', () => {
    const entries = readdirSync(new URL(`../${section}`, import.meta.url), { withFileTypes: true })
    const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
    expect(Object.keys(registry).sort()).toEqual(folders.sort())
  })

  test.each(Object.entries(registry))('%s says its own name, and its examples hold', (name, spec) => {
    expect(spec.name).toBe(name)
    for (const example of spec.examples) expect(() => spec.options.parse(example)).not.toThrow()
  })
})
