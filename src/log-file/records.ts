/** Bits of `Records.kind`. */
export const recordKind = { stdout: 1, stderr: 2, lineFeed: 4, damaged: 8 } as const

/** What a scan found, one row per record, in the order of the file. */
export interface Records {
  /** Where the text is in `output`, unescaped, without its line feed. Of a damaged record nothing: `start` equals `end`. */
  readonly start: Uint32Array
  readonly end: Uint32Array
  /** Whole seconds since 1970, and nanoseconds within the second. Of a damaged record 0. */
  readonly seconds: Float64Array
  readonly nanos: Uint32Array
  /**
   * Bits of `recordKind`: `stdout` or `stderr`, with `lineFeed` where the text ended in one (a piece of a longer line does not); or `damaged` alone:
   * a line of the file that is no record.
   */
  readonly kind: Uint8Array
  /** Where the record after this one begins in `input`. */
  readonly next: Uint32Array
}

/** Records that one scan takes apart at the most. */
export const maxRecords = 4096

/** Takes apart what one of Docker's logging drivers wrote. One chunk at a time; keeps nothing between scans. */
export interface RecordScanner {
  /** Where file bytes are put to be scanned; read files into it. 256 KiB. */
  readonly input: Buffer
  /** Where the texts are after a scan, until the next: close together, or where they were read, which is in `input`. */
  readonly output: Buffer
  readonly records: Records
  /**
   * Takes apart the whole records in input[from, to): at most `maxRecords`. Any bytes may stand there.
   * @returns how many. An incomplete record at the end is left; it begins where the last record's `next` says.
   */
  scan(from: number, to: number): number
  /** Bytes of `output` that the last scan used. */
  readonly outputBytes: number
}
