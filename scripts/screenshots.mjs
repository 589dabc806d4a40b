// Every page of the collector as it looks, light and dark, into docs/ui: `npm run screenshots`. It needs Debian's chromium (scripts/install-tools.mjs).
import { ensureBuilt, ensureInstalled } from './ensure-built.mjs'
import { runNode } from './tasks.mjs'

ensureInstalled()
ensureBuilt()
const words = ['--import', './scripts/typescript.mjs', 'test/web/screenshots.ts', ...process.argv.slice(2)]
const { isGood } = await runNode(words, { isShown: true })
process.exitCode = isGood ? 0 : 1
