// Everything that reads the project and needs no engine: types, lint, format, import table, dead code, generated documents, lock file.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compareFolders } from './compare-folders.mjs'
import { ensureBuilt } from './ensure-built.mjs'
import { root, runNode, secondsSince } from './tasks.mjs'

const atATime = 2

const checks = [
  { name: 'lint', run: () => runNode(['node_modules/oxlint/bin/oxlint']) },
  { name: 'types', run: () => runNode(['node_modules/typescript-native/bin/tsc', '-p', '.']) },
  { name: 'types of the page', run: () => runNode(['node_modules/typescript-native/bin/tsc', '-p', 'ui']) },
  { name: 'dead code', run: () => runNode(['node_modules/knip/bin/knip.js', '--no-progress']) },
  {
    name: 'import table',
    run: () => runNode(['node_modules/dependency-cruiser/bin/dependency-cruise.mjs', 'src', 'ui']),
  },
  {
    name: 'format',
    cure: 'npm run format',
    run: () => runNode(['node_modules/@biomejs/biome/bin/biome', 'format', '.']),
  },
  { name: 'generated documents', cure: 'npm run generate', run: checkDocuments },
  { name: 'lock file', run: checkLockFile },
]

const generatedFolders = ['reference', 'dashboards', 'alerts']
const generatedFile = 'alerts.md'

/** The generated documents in docs/ are what the source makes of them today. */
async function checkDocuments() {
  const folder = mkdtempSync(join(tmpdir(), 'log-capturer-reference-'))
  const startedAtMs = performance.now()
  try {
    const made = await runNode(['dist/bundle/log-capturer.js', 'reference', folder])
    if (!made.isGood) return made
    const inFolders = generatedFolders.flatMap((name) =>
      compareFolders(join(folder, name), join(root, 'docs', name)).map((file) => `${name}/${file}`),
    )
    const isCurrent = readFileSync(join(folder, generatedFile), 'utf8') === readText(join(root, 'docs', generatedFile))
    const differences = isCurrent ? inFolders : [...inFolders, generatedFile]
    const output = differences.map((name) => `docs/${name} is out of date\n`).join('')
    return { isGood: differences.length === 0, output, seconds: secondsSince(startedAtMs) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Undefined where there is none. */
function readText(path) {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined
}

/** No address in the lock file: packages come from wherever the machine gets its packages. */
async function checkLockFile() {
  const lines = readFileSync(join(root, 'package-lock.json'), 'utf8').split('\n')
  const found = lines.filter((line) => /"resolved": "https?:/.test(line))
  return { isGood: found.length === 0, output: found.slice(0, 5).join('\n'), seconds: '0.0' }
}

async function runAll() {
  const waiting = [...checks]
  const failed = []
  const worker = async () => {
    for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) {
      const { isGood, output, seconds } = await check.run()
      process.stdout.write(`${isGood ? 'ok    ' : 'FAILED'} ${check.name} (${seconds} s)\n`)
      if (isGood) continue
      failed.push(check.name)
      process.stdout.write(`${output.trimEnd()}\n${check.cure ? `mend it with: ${check.cure}\n` : ''}`)
    }
  }
  await Promise.all(Array.from({ length: atATime }, worker))
  return failed
}

ensureBuilt()
const failed = await runAll()
if (failed.length > 0) {
  process.stdout.write(`check: failed: ${failed.join(', ')}\n`)
  process.exitCode = 1
} else {
  process.stdout.write(`check: all ${checks.length} passed\n`)
}
