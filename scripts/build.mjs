// Compiles src/ and wasm/ to dist/, from nothing, so that no file of a deleted module stays behind.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import buildWasm, { wasmModules } from './build-wasm.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
rmSync(new URL('../dist', import.meta.url), { recursive: true, force: true })
const compiler = spawn(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'], {
  cwd: root,
  stdio: 'inherit',
})
const [[status]] = await Promise.all([once(compiler, 'exit'), buildWasm()])
if (status !== 0) process.exit(status ?? 1)
for (const { module } of wasmModules) copyFileSync(`${root}src/${module}`, `${root}dist/${module}`)
