import { gunzipSync, inflateRawSync } from 'node:zlib'
import snappy from 'snappyjs'
import { readJson } from './json.ts'
import { readProtobuf } from './protobuf.ts'
import { type Push, Refusal } from './push.ts'

export interface Body {
  readonly bytes: Buffer
  readonly contentType: string
  readonly contentEncoding: string
}

/**
 * Takes the body of a push apart as Loki does (pkg/loghttp/push/push.go): JSON where the type says so, else snappy around protobuf, and
 * gzip or deflate around either. No code of the product is used. Throws a refusal.
 */
export function decodePush(body: Body, maxBytes: number): Push {
  const type = body.contentType.split(';')[0]!.trim().toLowerCase()
  if (type === '') throw new Refusal(400, 'mime: no media type')
  const bytes = decompress(body, maxBytes)
  return type === 'application/json' ? readJson(bytes) : readProtobuf(unsnap(bytes, maxBytes))
}

function decompress({ bytes, contentEncoding }: Body, maxBytes: number): Buffer {
  switch (contentEncoding) {
    // Snappy belongs to the protobuf form, whether it is named or not.
    case '':
    case 'snappy':
      return bytes
    case 'gzip':
      return unpack(() => gunzipSync(bytes, { maxOutputLength: maxBytes }), maxBytes)
    case 'deflate':
      return unpack(() => inflateRawSync(bytes, { maxOutputLength: maxBytes }), maxBytes)
    default:
      throw new Refusal(400, `Content-Encoding "${contentEncoding}" not supported`)
  }
}

function unsnap(bytes: Buffer, maxBytes: number): Uint8Array {
  return unpack(() => snappy.uncompress(bytes, maxBytes), maxBytes)
}

function unpack<T>(work: () => T, maxBytes: number): T {
  try {
    return work()
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ERR_BUFFER_TOO_LARGE' || message.includes('too big'))
      throw new Refusal(413, `request body too large: limit: ${maxBytes} bytes`)
    throw new Refusal(400, message.includes('Snappy') ? 'snappy: corrupt input' : message)
  }
}
