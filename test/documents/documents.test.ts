import { accessSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { registries } from '../../src/app/registries.ts'
import { loadConfig } from '../../src/config/load.ts'

const root = new URL('../../', import.meta.url)
const read = (name: string) => readFileSync(new URL(name, root), 'utf8')

describe('documents', () => {
  test('the configurations in the README hold: the first as it stands, the sinks of others in their place', () => {
    const blocks = [...read('README.md').matchAll(/```yaml\n([^]*?)```/g)].map(([, text]) => text!)
    expect(blocks).not.toHaveLength(0)
    const [whole, ...others] = blocks
    const documents = [whole!, ...others.map((sinks) => whole!.replace(/^sinks:\n(?: .*\n)+/m, sinks))]
    expect(new Set(documents).size).toBe(blocks.length)
    for (const text of documents) {
      const input = { kind: 'text', text, name: 'README.md' } as const
      expect(() => loadConfig({ registries, input, env: {} })).not.toThrow()
    }
  })

  test('the import table in docs/architecture.md is the one that is held', async () => {
    const { default: rules } = (await import(new URL('.dependency-cruiser.mjs', root).href)) as {
      default: { forbidden: { name: string; comment?: string }[] }
    }
    const held = rules.forbidden
      .filter(({ name }) => name.startsWith('layer-'))
      .map(({ comment }) => comment!.replace('/ may import only', '').replace(': nothing', ': '))
    const rows = [...read('docs/architecture.md').matchAll(/^\| `([\w-]+)` \| [^|]* \| ([^|]*)\|$/gm)]
    expect(rows.map(([, folder, imports]) => `${folder!}: ${imports!.trim()}`)).toEqual(held)
  })

  test.each([
    'README.md',
    'CONTRIBUTING.md',
    'docs/alerts.md',
    'docs/architecture.md',
    'docs/dead-letters.md',
    'docs/soak.md',
    'docs/verify.md',
    'docs/watch.md',
  ])('%s links only to what is there', (name) => {
    const links = [...read(name).matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, path]) => path!)
    for (const path of links) expect(() => accessSync(new URL(path, new URL(name, root)))).not.toThrow()
  })
})
