/** Blocks of snappy by wasm/snappy.ts: the input is copied to its memory, and the output from there. */
import { loadWasm } from '../../lib/load-wasm.ts'
import type { BlockEncoder } from './block-encoder.ts'

/** What wasm/snappy.ts exports. */
interface SnappyExports {
  readonly memory: WebAssembly.Memory
  inputAt(): number
  outputAt(): number
  encodeBlock(length: number): number
}

/** Undefined where the machine's WebAssembly lacks SIMD, or no memory is to be had for it. */
export function wasmBlockEncoder(): BlockEncoder | undefined {
  const exports = loadWasm('snappy') as SnappyExports | undefined
  if (exports === undefined) return undefined
  const memory = new Uint8Array(exports.memory.buffer)
  const input = exports.inputAt()
  const output = exports.outputAt()
  return (source, from, end, target, at) => {
    memory.set(source.subarray(from, end), input)
    const length = exports.encodeBlock(end - from)
    target.set(memory.subarray(output, output + length), at)
    return at + length
  }
}
