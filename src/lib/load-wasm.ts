import { readFileSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import { ownFile } from './own-files.ts'

/**
 * Loads a module of `wasm/`, which the build puts into `dist/wasm/`.
 * @returns what it exports; undefined where the machine cannot run it (no SIMD), or has no room for it: every memory of a module takes gigabytes of
 * addresses, though not of memory, which a limit on addresses may forbid.
 */
export function loadWasm(name: string): unknown {
  const bytes = readFileSync(ownFile(`dist/wasm/${name}.wasm`))
  if (!WebAssembly.validate(bytes)) return undefined
  try {
    return new WebAssembly.Instance(compile(bytes)).exports
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

/**
 * By V8's optimising compiler, at once: every byte of a log passes through these loops. Measured: 5 ms for a module, and half of the time for what it does. Left to itself V8
 * begins with its baseline compiler and optimises in the background, which takes 35 MB for a moment, of which 10 MB stay.
 */
function compile(bytes: Buffer): object {
  for (const flag of ['--no-liftoff', '--no-wasm-lazy-compilation']) setFlagsFromString(flag)
  try {
    return new WebAssembly.Module(bytes)
  } finally {
    for (const flag of ['--wasm-lazy-compilation', '--liftoff']) setFlagsFromString(flag)
  }
}
