import type { TlsOptions } from '../../lib/http-pool.ts'

/** How a Loki is reached: what of its address, login and TLS goes into every request. */
export interface LokiConnection {
  /** `https://loki:3100/prefix`, without the path of an endpoint. */
  readonly base: string
  /** Authorization, where the server wants one. */
  readonly headers: Readonly<Record<string, string>>
  readonly tls: TlsOptions | undefined
}

/** A question to Loki's query API. */
export interface LokiQuery {
  /** X-Scope-OrgID; empty: none is sent. */
  readonly tenant: string
  /** A stream selector, with or without a pipeline: `{job="docker"}`. */
  readonly selector: string
  /** Ids of the containers whose lines it finds, where a configuration says so. */
  readonly containerIds?: readonly string[]
}
