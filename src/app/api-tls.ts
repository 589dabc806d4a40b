import { createSecureContext } from 'node:tls'
import { readFileSync } from 'node:fs'
import type { ServerTls } from '../api/server.ts'
import { LogCapturerError, messageOf } from '../lib/error.ts'
import type { CollectorConfig } from './registries.ts'

/** The certificate, or the key, of the HTTP server cannot be used. */
export class ApiTlsError extends LogCapturerError {
  readonly code = 'API_TLS'
}

/** What stands in the files of api.tls now; undefined: there is no TLS. @throws ApiTlsError where it cannot be used */
export function readApiTls({ tls }: CollectorConfig['api']): ServerTls | undefined {
  if (!tls) return undefined
  const read = (path: string) => {
    try {
      return readFileSync(path, 'utf8')
    } catch (cause) {
      throw new ApiTlsError(`cannot read ${path} for TLS: ${messageOf(cause)}`, {
        cause,
        hint: 'check the paths below api.tls',
      })
    }
  }
  const { cert_file: certFile, key_file: keyFile, client_ca_file: clientCaFile } = tls
  const files = {
    cert: read(certFile),
    key: read(keyFile),
    ...(clientCaFile === undefined ? {} : { ca: read(clientCaFile) }),
  }
  try {
    createSecureContext(files)
  } catch (cause) {
    throw new ApiTlsError(`the certificate ${certFile} cannot be used with the key ${keyFile}: ${messageOf(cause)}`, {
      cause,
      hint: 'both must be PEM, the key that of the first certificate in the file',
    })
  }
  return files
}
