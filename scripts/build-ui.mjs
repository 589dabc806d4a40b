// Makes the web page of ui/ into dist/ui, when it has changed, and each of its files compressed beside it: the collector only hands them out.
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { licensesOf } from './licenses.mjs'
import { root } from './tasks.mjs'

const folder = join(root, 'dist/ui')
const list = join(folder, 'files.json')
const types = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
}

export default async function buildUi() {
  if (isCurrent()) return
  // Half a second to load: only where it is needed.
  const { build } = await import('vite')
  const { output } = await build({
    root: join(root, 'ui'),
    configFile: false,
    // Beside whatever path the page is served at.
    base: './',
    logLevel: 'warn',
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    build: {
      outDir: folder,
      emptyOutDir: true,
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      rolldownOptions: { checks: { pluginTimings: false } },
    },
  })
  const licenses = licensesOf(output.flatMap(({ moduleIds }) => moduleIds ?? []))
  writeFileSync(list, `${JSON.stringify(filesOf(folder).map(describe), null, 2)}\n`)
  writeFileSync(join(folder, 'LICENSES.txt'), licenses)
}

function isCurrent() {
  if (!existsSync(list)) return false
  const made = statSync(list).mtimeMs
  const sources = [
    ...filesOf(join(root, 'ui')),
    ...['package-lock.json', 'scripts/build-ui.mjs'].map((path) => join(root, path)),
  ]
  return sources.every((path) => statSync(path).mtimeMs <= made)
}

function filesOf(path) {
  return readdirSync(path, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
}

/** One file as the server hands it out. What has a hash in its name never changes. */
function describe(path) {
  const bytes = readFileSync(path)
  writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }))
  writeFileSync(`${path}.br`, brotliCompressSync(bytes))
  const name = relative(folder, path)
  const type = types[name.split('.').pop()]
  if (type === undefined) throw new Error(`the page has a file of a type that is not known: ${name}`)
  const etag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 16)}"`
  return { path: name, type, etag, isImmutable: name.startsWith('assets/') }
}
