// Compiles src/ and wasm/ to dist/, from nothing, so that no file of a deleted module stays behind; then makes one file of the program and its packages.
// What runs is that file: Node takes a second to find, read and link 900 small ones, and a quarter of it for one.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { rolldown } from 'rolldown'
import buildUi from './build-ui.mjs'
import buildWasm from './build-wasm.mjs'
import { licensesOf } from './licenses.mjs'
import { root } from './tasks.mjs'

const bundleFolder = join(root, 'dist/bundle')

// The page is only made when it has changed.
const made = existsSync(join(root, 'dist')) ? readdirSync(join(root, 'dist')) : []
for (const name of made) if (name !== 'ui') rmSync(join(root, 'dist', name), { recursive: true, force: true })
const words = ['node_modules/typescript-native/bin/tsc', '-p', 'tsconfig.build.json']
const compiler = spawn(process.execPath, words, { cwd: root, stdio: 'inherit' })
const [[status]] = await Promise.all([once(compiler, 'exit'), buildWasm(), buildUi()])
if (status !== 0) process.exit(status ?? 1)

const bundle = await rolldown({
  cwd: root,
  input: { 'log-capturer': 'dist/cli/main.js' },
  platform: 'node',
  // Graphviz has a license of its own (EPL): it stays the package that it is, and no part of ours.
  external: ['@viz-js/viz'],
})
const { output } = await bundle.write({ dir: bundleFolder, format: 'esm' })
await bundle.close()
writeFileSync(join(bundleFolder, 'LICENSES.txt'), licensesOf(output.flatMap(({ moduleIds }) => moduleIds ?? [])))
