import type { IncomingHttpHeaders } from 'node:http'
import { Refusal } from './push.ts'

/** What stands before a Loki: by itself it asks nobody who he is. */
export type Access =
  | { readonly kind: 'basic'; readonly user: string; readonly password: string }
  | { readonly kind: 'bearer'; readonly token: string }

/** Refuses as a gateway does, whoever does not show what `access` asks for. */
export function checkAccess({ authorization }: IncomingHttpHeaders, access: Access | undefined): void {
  if (access === undefined) return
  const expected =
    access.kind === 'bearer'
      ? `Bearer ${access.token}`
      : `Basic ${Buffer.from(`${access.user}:${access.password}`).toString('base64')}`
  if (authorization !== expected) throw new Refusal(401, 'Unauthorized')
}

/** The tenant that a request is for. Without `auth_enabled` there is one, `fake`, whatever the request says. */
export function tenantOf(headers: IncomingHttpHeaders, hasTenants: boolean): string {
  if (!hasTenants) return 'fake'
  const tenant = headers['x-scope-orgid']
  if (typeof tenant !== 'string' || tenant === '') throw new Refusal(401, 'no org id')
  return tenant
}
