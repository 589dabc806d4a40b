// Compiles wasm/ (AssemblyScript) to dist/wasm/, where a module is missing or older than what it is made from. Tests of src/ need it, too.
import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './tasks.mjs'

/** A page has 64 KiB. The memories never grow, so that views into them stay. */
const modules = [
  { name: 'scan', pages: 10 },
  { name: 'push', pages: 240 },
  { name: 'json', pages: 29 },
]

const changedAt = (path) => (existsSync(join(root, path)) ? statSync(join(root, path)).mtimeMs : 0)

export default async function buildWasm() {
  const made = ['scripts/build-wasm.mjs', 'node_modules/assemblyscript/package.json']
  const sourceOf = (name) => `wasm/${name}.ts`
  const moduleOf = (name) => `dist/wasm/${name}.wasm`
  const sources = readdirSync(join(root, 'wasm')).map((file) => `wasm/${file}`)
  const isOld = ({ name }) => [...sources, ...made].some((path) => changedAt(path) >= changedAt(moduleOf(name)))
  const old = modules.filter(isOld)
  if (old.length === 0) return
  const { main } = await import('assemblyscript/asc')
  mkdirSync(join(root, 'dist/wasm'), { recursive: true })
  for (const { name, pages } of old) {
    const options = ['--baseDir', root, '-O3', '--noAssert', '--runtime', 'stub', '--enable', 'simd']
    const memory = ['--initialMemory', `${pages}`, '--maximumMemory', `${pages}`]
    const { error, stderr } = await main([sourceOf(name), '-o', moduleOf(name), ...options, ...memory])
    if (error) throw new Error(`${sourceOf(name)} does not compile: ${stderr.toString()}`)
  }
}
