import type { Transform } from 'node:stream'
import * as zlib from 'node:zlib'
import { LogCapturerError } from '../../lib/error.ts'

/** The configuration asks for something that this Node cannot do. */
export class CompressionError extends LogCapturerError {
  readonly code = 'FILE_COMPRESSION'
}

/** What compressed files end in. */
export const compressedSuffixes = ['.gz', '.zst'] as const

export interface Compression {
  readonly suffix: string
  create(): Transform
}

/** @throws CompressionError for zstd on a Node without it (22.15 and 23.8 were the first to have it). */
export function compressionOf(name: 'none' | 'gzip' | 'zstd'): Compression | undefined {
  switch (name) {
    case 'none':
      return undefined
    case 'gzip':
      return { suffix: '.gz', create: () => zlib.createGzip() }
    case 'zstd': {
      const create = (zlib as unknown as Record<string, unknown>)['createZstdCompress']
      if (typeof create === 'function') return { suffix: '.zst', create: create as () => Transform }
      throw new CompressionError(`compress: zstd needs Node 22.15 or later; this is ${process.version}`, {
        hint: 'set compress to gzip, or run a newer Node',
      })
    }
  }
}
