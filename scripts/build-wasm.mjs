// Compiles wasm/ (AssemblyScript) to a module beside the source that loads it, where the module is missing or older than what it is made from.
// The modules stay in src/, which git ignores, so that the tests find them there; the build copies them to dist/.
import { existsSync, mkdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

/** A page has 64 KiB. The memory of a scanner never grows, so that views into it stay. */
export const wasmModules = [{ source: 'wasm/scan.ts', module: 'log-file/scan.wasm', pages: 10, maxPages: 10 }]

const changedAt = (path) => (existsSync(join(root, path)) ? statSync(join(root, path)).mtimeMs : 0)

export default async function buildWasm() {
  const made = ['scripts/build-wasm.mjs', 'node_modules/assemblyscript/package.json']
  const old = wasmModules.filter(({ source, module }) =>
    [source, ...made].some((path) => changedAt(path) >= changedAt(join('src', module))),
  )
  if (old.length === 0) return
  const { main } = await import('assemblyscript/asc')
  for (const { source, module, pages, maxPages } of old) {
    mkdirSync(dirname(join(root, 'src', module)), { recursive: true })
    const options = ['--baseDir', root, '-O3', '--noAssert', '--runtime', 'stub', '--enable', 'simd']
    const memory = ['--initialMemory', `${pages}`, ...(maxPages ? ['--maximumMemory', `${maxPages}`] : [])]
    const { error, stderr } = await main([source, '-o', join('src', module), ...options, ...memory])
    if (error) throw new Error(`${source} does not compile: ${stderr.toString()}`)
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildWasm()
