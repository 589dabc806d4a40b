import type { Readable, Transform } from 'node:stream'
import * as zlib from 'node:zlib'
import { VerifyError } from './verify-error.ts'

/** For reading files: fewer, larger reads. */
export const highWaterMark = 256 * 1024
const lineFeed = 10
/** Not in the types of Node 20. */
const { createZstdDecompress } = zlib as { readonly createZstdDecompress?: () => Transform }

/** The text of a file that is perhaps compressed, as its name says. @throws VerifyError where Node cannot decompress it */
export function openText(path: string, file: Readable): Readable {
  if (path.endsWith('.gz')) return through(file, zlib.createGunzip())
  if (!path.endsWith('.zst')) return file
  if (!createZstdDecompress) {
    file.destroy()
    throw new VerifyError(`${path} cannot be read: zstd needs Node 22.15 or later`)
  }
  return through(file, createZstdDecompress())
}

function through(file: Readable, transform: Transform): Readable {
  file.on('error', (error) => transform.destroy(error))
  transform.on('close', () => file.destroy())
  return file.pipe(transform)
}

/** Calls `onLine` with the bytes of each line, valid during the call; the last one needs no line feed. */
export async function eachLine(stream: Readable, onLine: (bytes: Buffer) => void): Promise<void> {
  let parts: Buffer[] = []
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    let from = 0
    for (let end = chunk.indexOf(lineFeed); end >= 0; end = chunk.indexOf(lineFeed, from)) {
      const rest = chunk.subarray(from, end)
      onLine(parts.length === 0 ? rest : Buffer.concat([...parts, rest]))
      parts = []
      from = end + 1
    }
    if (from < chunk.length) parts.push(chunk.subarray(from))
  }
  if (parts.length > 0) onLine(Buffer.concat(parts))
}
