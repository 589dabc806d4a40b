import type { DeliveryPlan } from '../app/delivery-plan.ts'
import { lokiAccess } from '../app/loki-delivery.ts'
import type { Destination } from '../verify/destination.ts'
import { lokiDestination } from '../verify/loki/read-loki.ts'
import { filesDestination } from '../verify/read-files.ts'
import { VerifyError } from '../verify/verify-error.ts'
import type { VerifyFlags } from './verify-flags.ts'

/** What the lines are compared with: that of the configuration, or else what the flags name. @throws VerifyError, LokiFileError */
export function destinationOf(flags: VerifyFlags, delivery: DeliveryPlan['delivery'] | undefined): Destination {
  const { field: fields } = flags
  switch (delivery?.kind) {
    case 'files':
      return filesDestination({ ...delivery, fields })
    case 'loki': {
      const { access, names, timesOff } = delivery
      return lokiDestination({
        connection: access,
        queries: { kind: 'of containers', queriesOf: (containers, host) => delivery.queriesOf(containers, host) },
        names,
        timesOff,
        format: 'text',
        fields,
      })
    }
    case undefined:
      return flags.loki === undefined
        ? filesDestination({ pattern: flags.files!, format: flags.format, fields })
        : namedLoki(flags, flags.loki)
  }
}

function namedLoki(flags: VerifyFlags, url: string): Destination {
  const { field: fields, format, lokiQuery, lokiTenant: tenant = '', containerLabel, streamLabel } = flags
  return lokiDestination({
    connection: lokiAccess({ url: checkedUrl(url), auth: authOf(flags), tls: tlsOf(flags) }),
    queries:
      lokiQuery === undefined
        ? { kind: 'to be found', tenant }
        : { kind: 'given', query: { tenant, selector: lokiQuery } },
    names: { container: containerLabel, stream: streamLabel },
    timesOff: { beforeMs: 0, behindMs: 0 },
    // By itself a line is what the container wrote, which may be JSON.
    format: format === 'ndjson' ? 'ndjson' : 'text',
    fields,
  })
}

function checkedUrl(url: string): string {
  if (URL.canParse(url) && /^https?:/.test(url)) return url
  throw new VerifyError(`${url} is no address of a Loki`, { hint: 'write for example http://loki:3100' })
}

/** Secrets are in the environment, where logcli has them, too: a command line is for everybody to see. */
function authOf({ lokiUser }: VerifyFlags) {
  const { LOKI_PASSWORD: password = '', LOKI_BEARER_TOKEN: token } = process.env
  if (lokiUser !== undefined) return { username: lokiUser, password }
  return token === undefined || token === '' ? undefined : { token }
}

function tlsOf({ lokiCa, lokiCert, lokiKey, lokiInsecure }: VerifyFlags) {
  return {
    ...(lokiCa !== undefined && { ca_file: lokiCa }),
    ...(lokiCert !== undefined && { cert_file: lokiCert }),
    ...(lokiKey !== undefined && { key_file: lokiKey }),
    insecure: lokiInsecure === true,
  }
}
