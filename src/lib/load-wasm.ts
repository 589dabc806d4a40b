import { readFileSync } from 'node:fs'

/**
 * Loads a module of `wasm/`, which the build puts beside the file that uses it.
 * @returns what it exports; undefined where the machine cannot run it (no SIMD), or has no room for it: every memory of a module takes gigabytes of
 * addresses, though not of memory, which a limit on addresses may forbid.
 */
export function loadWasm<Exports>(path: URL): Exports | undefined {
  const bytes = readFileSync(path)
  if (!WebAssembly.validate(bytes)) return undefined
  try {
    return new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports as Exports
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}
