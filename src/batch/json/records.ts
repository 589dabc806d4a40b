import { loadWasm } from '../../lib/load-wasm.ts'
import { PlainRecords } from './plain-records.ts'
import type { RecordForm, Records } from './record-form.ts'
import { type JsonExports, WasmRecords } from './wasm-records.ts'

/** By WebAssembly, or where the machine's lacks SIMD by JavaScript: the same bytes. Measured: `stage-ndjson` in docs/performance.md. */
export function jsonRecords(form: RecordForm): Records {
  const exports = loadWasm('json') as JsonExports | undefined
  return exports === undefined ? new PlainRecords(form) : new WasmRecords(exports, form)
}
