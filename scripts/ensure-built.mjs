// Installs and builds what is missing or out of date, and says nothing when there is nothing to do. Plain Node without packages: on a
// fresh clone there are none yet.
import { spawnSync } from 'node:child_process'
import { existsSync, lstatSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

function changedAt(path) {
  return existsSync(join(root, path)) ? statSync(join(root, path)).mtimeMs : 0
}

/** When the newest file of a folder was changed; tests are not built. */
function newestIn(folder) {
  const entries = readdirSync(join(root, folder), { withFileTypes: true })
  const times = entries.flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return [newestIn(path), changedAt(path)]
    return entry.name.endsWith('.test.ts') ? [] : [changedAt(path)]
  })
  return Math.max(0, ...times)
}

/** Runs a command; shows what it said only when it failed, unless it is worth waiting for. */
function run(what, command, words) {
  process.stderr.write(`${what}\n`)
  const { status, stdout, stderr, error } = spawnSync(command, words, { cwd: root, encoding: 'utf8' })
  if (status === 0) return
  process.stderr.write(`${stdout ?? ''}${stderr ?? ''}${error ? `${error.message}\n` : ''}`)
  process.stderr.write(`log-capturer: "${[command, ...words].join(' ')}" failed\n`)
  process.exit(1)
}

/** A link leads to packages that somebody else looks after. */
function areShared() {
  return lstatSync(join(root, 'node_modules'), { throwIfNoEntry: false })?.isSymbolicLink() ?? false
}

/** Installs the packages where they are missing or older than the list of them. npm writes its own list last. */
export function ensureInstalled() {
  if (areShared()) return
  const isCurrent = changedAt('node_modules/.package-lock.json') >= changedAt('package-lock.json')
  if (!isCurrent) run('log-capturer: installing packages (once)', 'npm', ['ci', '--no-fund', '--no-audit'])
}

/** Builds where the result is missing or older than what it is made from. */
export function ensureBuilt() {
  const made = changedAt('dist/bundle/log-capturer.js')
  const sources = Math.max(
    newestIn('src'),
    newestIn('wasm'),
    newestIn('ui'),
    changedAt('scripts/build-ui.mjs'),
    changedAt('scripts/build-wasm.mjs'),
    changedAt('package.json'),
    changedAt('scripts/build.mjs'),
    changedAt('tsconfig.build.json'),
    changedAt('tsconfig.json'),
  )
  if (made < sources) run('log-capturer: building', process.execPath, ['scripts/build.mjs'])
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  ensureInstalled()
  ensureBuilt()
}
