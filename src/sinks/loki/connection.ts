import { readFileSync } from 'node:fs'
import { LogCapturerError, messageOf } from '../../lib/error.ts'
import type { LokiOptions } from './schema.ts'

/** A file that the configuration names cannot be read. */
export class LokiFileError extends LogCapturerError {
  readonly code = 'LOKI_FILE'
}

export const pushPath = '/loki/api/v1/push'

/** The path of the server's base address, where `url` may also be that of its push endpoint: without a slash at the end. */
export function baseOf(url: string): string {
  const path = new URL(url).pathname.replace(/\/+$/, '')
  return path.endsWith(pushPath) ? path.slice(0, -pushPath.length) : path
}

/** @throws LokiFileError */
export function connectOptionsOf({
  ca_file,
  cert_file,
  key_file,
  server_name,
  insecure,
}: NonNullable<LokiOptions['tls']>) {
  return {
    rejectUnauthorized: !insecure,
    ...(ca_file !== undefined && { ca: read(ca_file) }),
    ...(cert_file !== undefined && { cert: read(cert_file) }),
    ...(key_file !== undefined && { key: read(key_file) }),
    ...(server_name !== undefined && { servername: server_name }),
  }
}

function read(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (cause) {
    throw new LokiFileError(`cannot read ${path} for TLS: ${messageOf(cause)}`, {
      cause,
      hint: 'check the paths below tls',
    })
  }
}
