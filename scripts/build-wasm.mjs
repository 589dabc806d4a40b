// Compiles wasm/ (AssemblyScript) to dist/wasm/, where a module is missing or older than what it is made from. Tests of src/ need it, too.
import { existsSync, mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './tasks.mjs'

/** A page has 64 KiB. The memory of a scanner never grows, so that views into it stay. */
const modules = [{ source: 'wasm/scan.ts', module: 'dist/wasm/scan.wasm', pages: 10 }]

const changedAt = (path) => (existsSync(join(root, path)) ? statSync(join(root, path)).mtimeMs : 0)

export default async function buildWasm() {
  const made = ['scripts/build-wasm.mjs', 'node_modules/assemblyscript/package.json']
  const old = modules.filter(({ source, module }) =>
    [source, ...made].some((path) => changedAt(path) >= changedAt(module)),
  )
  if (old.length === 0) return
  const { main } = await import('assemblyscript/asc')
  mkdirSync(join(root, 'dist/wasm'), { recursive: true })
  for (const { source, module, pages } of old) {
    const options = ['--baseDir', root, '-O3', '--noAssert', '--runtime', 'stub', '--enable', 'simd']
    const memory = ['--initialMemory', `${pages}`, '--maximumMemory', `${pages}`]
    const { error, stderr } = await main([source, '-o', module, ...options, ...memory])
    if (error) throw new Error(`${source} does not compile: ${stderr.toString()}`)
  }
}
