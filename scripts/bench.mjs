// The whole path, measured through the program that users run: `npm run bench [-- --row NAME ... --quick --json --list --check FOLDER --endurance 30m]`.
import { ensureBuilt, ensureInstalled } from './ensure-built.mjs'
import { runNode } from './tasks.mjs'

ensureInstalled()
ensureBuilt()
const words = ['--import', './scripts/typescript.mjs', 'bench/main.ts', ...process.argv.slice(2)]
const { isGood } = await runNode(words, { isShown: true })
process.exitCode = isGood ? 0 : 1
