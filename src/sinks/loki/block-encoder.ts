/** Compresses `source` by snappy, from `from` to `end`, which is a block or less, into `target` from `at` on. @returns where it ends there */
export type BlockEncoder = (source: Uint8Array, from: number, end: number, target: Uint8Array, at: number) => number
