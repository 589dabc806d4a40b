import { parseTimestamp } from '../lib/timestamp.ts'
export const recordKind = { stdout: 1, stderr: 2, lineFeed: 4, damaged: 8 } as const
export interface Records {
  readonly start: Uint32Array
  readonly end: Uint32Array
  readonly seconds: Float64Array
  readonly nanos: Uint32Array
  readonly kind: Uint8Array
  readonly next: Uint32Array
}
export const maxRecords = 4096
export interface RecordScanner {
  readonly input: Buffer
  readonly output: Buffer
  readonly records: Records
  scan(from: number, to: number): number
  readonly outputBytes: number
}
export function createRecordScanner(): RecordScanner {
  const n = maxRecords
  const records = {
    start: new Uint32Array(n),
    end: new Uint32Array(n),
    seconds: new Float64Array(n),
    nanos: new Uint32Array(n),
    kind: new Uint8Array(n),
    next: new Uint32Array(n),
  }
  const input = Buffer.alloc(256 * 1024)
  const output = Buffer.alloc(512 * 1024)
  const self = {
    input,
    output,
    records,
    outputBytes: 0,
    scan(from: number, to: number) {
      let count = 0
      let out = 0
      let p = from
      while (count < n) {
        const lf = input.indexOf(10, p)
        if (lf < 0 || lf >= to) break
        records.start[count] = out
        records.kind[count] = recordKind.damaged
        records.seconds[count] = 0
        try {
          const r = JSON.parse(input.toString('utf8', p, lf)) as { log: string; stream: string; time: string }
          const t = parseTimestamp(r.time)!
          records.seconds[count] = t.seconds
          records.nanos[count] = t.nanos
          const hasLf = r.log.endsWith('\n')
          out += output.write(hasLf ? r.log.slice(0, -1) : r.log, out)
          records.kind[count] = (r.stream === 'stderr' ? 2 : 1) | (hasLf ? 4 : 0)
        } catch {
          /* damaged */
        }
        records.end[count] = out
        p = lf + 1
        records.next[count] = p
        count++
      }
      self.outputBytes = out
      return count
    },
  }
  return self
}
