import type { Transform } from 'node:stream'
import * as zlib from 'node:zlib'
import { Bug } from '../../lib/error.ts'

/** What compressed files end in. */
export const compressedSuffixes = ['.gz', '.zst'] as const

export interface Compression {
  readonly suffix: (typeof compressedSuffixes)[number]
  create(): Transform
}

/** Not in the types of Node 20: 22.15 and 23.8 were the first to have it. */
const { createZstdCompress } = zlib as { readonly createZstdCompress?: () => Transform }

/** Why zstd cannot be used; undefined: it can. */
export function zstdProblem(): string | undefined {
  return createZstdCompress === undefined ? 'zstd needs Node 22.15 or later: use gzip, or a newer Node' : undefined
}

export function compressionOf(name: 'none' | 'gzip' | 'zstd'): Compression | undefined {
  switch (name) {
    case 'none':
      return undefined
    case 'gzip':
      return { suffix: '.gz', create: () => zlib.createGzip() }
    case 'zstd':
      if (!createZstdCompress) throw new Bug('the schema let zstd through')
      return { suffix: '.zst', create: createZstdCompress }
  }
}
