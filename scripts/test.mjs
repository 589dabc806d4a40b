// Everything, from a fresh clone on: packages, the tests' engine, checks, build, unit tests, then what needs engines and the built program.
import { ensureBuilt, ensureInstalled } from './ensure-built.mjs'
import { installTools } from './install-tools.mjs'
import { runNode, secondsSince } from './tasks.mjs'

const isCi = process.env.CI === 'true'
const vitest = (project) => ['node_modules/vitest/vitest.mjs', 'run', '--project', project]

const startedAtMs = performance.now()
const failed = []

async function step(name, words) {
  process.stdout.write(`\n== ${name}\n`)
  const { isGood, seconds } = await runNode(words, { isShown: true })
  process.stdout.write(`== ${name}: ${isGood ? 'ok' : 'FAILED'} (${seconds} s)\n`)
  if (!isGood) failed.push(name)
  return isGood
}

ensureInstalled()
if (process.getuid?.() === 0) {
  const hasEngine = await step('engine', ['scripts/install-engine.mjs'])
  // Elsewhere its tests are reported as skipped, with the reason.
  if (!hasEngine && !isCi) failed.pop()
  installTools()
}
ensureBuilt()
await step('checks', ['scripts/check.mjs'])
await step('unit tests', vitest('unit'))
await step('system tests', vitest('system'))

const verdict = failed.length === 0 ? 'all passed' : `FAILED: ${failed.join(', ')}`
process.stdout.write(`\n${verdict} in ${secondsSince(startedAtMs)} s\n`)
process.exitCode = failed.length === 0 ? 0 : 1
