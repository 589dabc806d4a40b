import { readFileSync } from 'node:fs'
import type { Login } from '../../lib/authorization.ts'
import { messageOf } from '../../lib/error.ts'
import type { CollectorConfig } from '../registries.ts'
import { apiUrl } from '../api-url.ts'
import { ClientError } from './client-error.ts'

/** Where a collector is asked, and as whom. */
export interface CollectorTarget {
  /** `http://127.0.0.1:8401`. */
  readonly url: string
  readonly credentials?: Login | undefined
  readonly tls?: ClientTls | undefined
}

/** PEM texts. */
export interface ClientTls {
  readonly ca?: string | undefined
  readonly cert?: string | undefined
  readonly key?: string | undefined
  /** The certificate that the collector must have, whatever its names are and whoever has signed it. */
  readonly pinned?: string | undefined
}

/** Where the collector of a configuration is asked. @throws ClientError where it cannot be */
export function targetOf({ api }: Pick<CollectorConfig, 'api'>): CollectorTarget {
  if (api.listen === 'off' || api.listen.port === 0)
    throw new ClientError('the collector cannot be asked: api.listen of this configuration names no port', {
      hint: 'set api.listen, for the collector too, or say with --url where it listens',
    })
  return {
    url: apiUrl(api.listen, api.tls ? 'https' : 'http'),
    credentials: credentialsOf(api.auth),
    tls: api.tls && { pinned: certificateIn(api.tls.cert_file) },
  }
}

/** The most that the configuration, which whoever asks may read, allows. */
function credentialsOf(auth: CollectorConfig['api']['auth']): Login | undefined {
  const usable = auth.flatMap((one) => ('certificate' in one ? [] : [one]))
  return usable.find(({ role }) => role === 'admin') ?? usable[0]
}

function certificateIn(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new ClientError(`cannot read the certificate of the collector, ${path}: ${messageOf(cause)}`, {
      cause,
      hint: 'check api.tls.cert_file, or say with --url and --ca-file how it is to be asked',
    })
  }
}
