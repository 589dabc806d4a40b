// The fault matrix: `npm run faults [-- --row NAME ... --runs N --seed N --list]`. All of it takes half an hour; three runs and more of a row are written to docs/reliability.md.
import { readFileSync, readdirSync } from 'node:fs'
import { ensureBuilt, ensureInstalled } from './ensure-built.mjs'
import { flagsOf } from './flags.mjs'
import { runNode } from './tasks.mjs'

const folder = new URL('../test/faults/rows/', import.meta.url)
const names = readdirSync(folder).flatMap((file) =>
  Array.from(readFileSync(new URL(file, folder), 'utf8').matchAll(/^ {4}name: '([^']+)'/gm), ([, name]) => name),
)
const values = flagsOf('faults', {
  row: { type: 'string', multiple: true, default: [] },
  runs: { type: 'string', default: '3' },
  seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  list: { type: 'boolean', default: false },
})

const unknown = values.row.filter((name) => !names.includes(name))
if (values.list || unknown.length > 0) {
  if (unknown.length > 0) process.stderr.write(`faults: there is no row ${unknown.join(', ')}; there are:\n`)
  process.stdout.write(`${names.join('\n')}\n`)
  process.exit(unknown.length > 0 ? 2 : 0)
}

ensureInstalled()
await runNode(['scripts/install-engine.mjs'], { isShown: true })
ensureBuilt()
process.stderr.write(`faults: seed ${values.seed}, ${values.runs} runs a row\n`)
process.env.FAULTS_ROWS = values.row.join(',')
process.env.FAULTS_RUNS = values.runs
process.env.FAULTS_SEED = values.seed
const { isGood } = await runNode(['node_modules/vitest/vitest.mjs', 'run', '--project', 'faults'], { isShown: true })
process.exitCode = isGood ? 0 : 1
