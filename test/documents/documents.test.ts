import { accessSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { readTests } from '../../src/app/line-tests/read-tests.ts'
import { runTest } from '../../src/app/line-tests/run-tests.ts'
import { registries } from '../../src/app/registries.ts'
import { graphText } from '../../src/cli/graph/graph-text.ts'
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

  test('the configurations in docs/pipelines.md hold, the first is drawn as it says, and their tests pass', () => {
    const document = read('docs/pipelines.md')
    const blocks = [...document.matchAll(/```yaml\n([^]*?)```/g)].map(([, text]) => text!)
    const load = (text: string) =>
      loadConfig({ registries, input: { kind: 'text', text, name: 'docs/pipelines.md' }, env: {} })
    let config = load(blocks[0]!)
    expect(graphText(config)).toBe(/```text\n([^]*?)\n```/.exec(document)![1])
    let tests = 0
    for (const text of blocks) {
      if (!text.startsWith('tests:')) {
        config = load(text)
        continue
      }
      const results = readTests({ text, name: 'docs/pipelines.md' }, config, {}).map((one) => runTest(one, config))
      expect(results.filter(({ hasPassed }) => !hasPassed)).toEqual([])
      tests += results.length
    }
    expect(tests).toBeGreaterThanOrEqual(3)
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
    'docs/pipelines.md',
    'docs/soak.md',
    'docs/verify.md',
    'docs/watch.md',
  ])('%s links only to what is there', (name) => {
    const links = [...read(name).matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, path]) => path!)
    for (const path of links) expect(() => accessSync(new URL(path, new URL(name, root)))).not.toThrow()
  })
})
