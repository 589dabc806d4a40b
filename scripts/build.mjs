// Compiles src/ to dist/, from nothing, so that no file of a deleted module stays behind; then makes one file of the program and its packages.
// What runs is that file: Node takes a second to find, read and link 900 small ones, and a quarter of it for one.
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { rolldown } from 'rolldown'
import { root } from './tasks.mjs'

const bundleFolder = join(root, 'dist/bundle')

rmSync(join(root, 'dist'), { recursive: true, force: true })
const compiler = ['node_modules/typescript-native/bin/tsc', '-p', 'tsconfig.build.json']
const { status } = spawnSync(process.execPath, compiler, { cwd: root, stdio: 'inherit' })
if (status !== 0) process.exit(status ?? 1)

const bundle = await rolldown({
  cwd: root,
  input: { 'log-capturer': 'dist/cli/main.js' },
  platform: 'node',
})
const { output } = await bundle.write({ dir: bundleFolder, format: 'esm' })
await bundle.close()
writeFileSync(join(bundleFolder, 'LICENSES.txt'), licensesOf(output.flatMap(({ moduleIds }) => moduleIds ?? [])))

/** The licenses of the packages that are part of the bundle: each asks that its text goes with every copy. */
function licensesOf(moduleIds) {
  const packages = new Set(moduleIds.map((id) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id)?.[0]))
  packages.delete(undefined)
  return [...packages].sort().map(licenseOf).join('\n\n')
}

function licenseOf(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry))
  const text = file === undefined ? '' : `\n${readFileSync(join(folder, file), 'utf8')}`
  return `${name} ${version}, ${license}\n${text}`
}
