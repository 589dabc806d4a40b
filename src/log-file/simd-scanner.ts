/** The scanner of wasm/scan.ts: one call for each chunk, and one for each record that is not written as Docker does. */
import { loadWasm } from '../lib/load-wasm.ts'
import { readAnyRecord } from './any-record.ts'
import { maxRecords, type RecordScanner } from './records.ts'
import { scanMemoryOf } from './scan-memory.ts'

/** What wasm/scan.ts exports. */
interface ScanExports {
  readonly memory: WebAssembly.Memory
  areasFrom(): number
  endsAt(): number
  place(
    input: number,
    output: number,
    start: number,
    end: number,
    seconds: number,
    nanos: number,
    next: number,
    kind: number,
  ): void
  scan(from: number, to: number, firstRow: number, maxRows: number, outputFrom: number): number
}

const lineFeed = 10

export class SimdScanner implements RecordScanner {
  readonly #exports: ScanExports
  readonly #memory: ReturnType<typeof scanMemoryOf>
  /** Where a call ended, in the input and in the output. */
  readonly #ends: Uint32Array
  readonly input: Buffer
  readonly output: Buffer
  readonly records: RecordScanner['records']
  #outputBytes = 0

  constructor(exports: ScanExports) {
    const { buffer } = exports.memory
    const base = Math.ceil(exports.areasFrom() / 16) * 16
    this.#exports = exports
    this.#memory = scanMemoryOf(buffer, base)
    this.#ends = new Uint32Array(buffer, exports.endsAt(), 2)
    const { input, output, records } = this.#memory
    this.input = input
    this.output = output
    this.records = records
    const { start, end, seconds, nanos, next, kind } = records
    const places = [input, output, start, end, seconds, nanos, next, kind].map(({ byteOffset }) => byteOffset)
    exports.place(...(places as Parameters<ScanExports['place']>))
  }

  /** Undefined where the machine's WebAssembly lacks SIMD, or no memory is to be had for it. */
  static create(): SimdScanner | undefined {
    const exports = loadWasm('scan') as ScanExports | undefined
    return exports && new SimdScanner(exports)
  }

  get outputBytes(): number {
    return this.#outputBytes
  }

  scan(from: number, to: number): number {
    let row = 0
    let position = from
    this.#outputBytes = 0
    while (position < to && row < maxRecords) {
      row = this.#exports.scan(position, to, row, maxRecords, this.#outputBytes)
      position = this.#ends[0]!
      this.#outputBytes = this.#ends[1]!
      if (position === to || row === maxRecords) break
      const length = this.input.subarray(position, to).indexOf(lineFeed)
      if (length < 0) break
      this.#outputBytes = readAnyRecord(this.#memory, row, position, position + length, this.#outputBytes)
      position += length + 1
      row += 1
    }
    return row
  }
}
