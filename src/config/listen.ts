import { isIP } from 'node:net'
import { z } from 'zod'

export interface ListenAddress {
  readonly host: string
  readonly port: number
}

/** `127.0.0.1:8401`, `localhost:8401`, `[::1]:8401`; undefined when it is none. */
export function parseListen(text: string): ListenAddress | undefined {
  const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9.-]+)):(\d{1,5})$/.exec(text)
  if (match === null) return undefined
  const [, ipv6, name, digits] = match
  const port = Number(digits)
  if (port > 65_535 || (ipv6 !== undefined && isIP(ipv6) !== 6)) return undefined
  return { host: ipv6 ?? name!, port }
}

/** An address to listen on, or `off`. */
export function listen() {
  return z.string().transform((text, context): ListenAddress | 'off' => {
    if (text === 'off') return 'off'
    const address = parseListen(text)
    if (address !== undefined) return address
    context.addIssue({ code: 'custom', message: `"${text}" is no address: write for example 127.0.0.1:8401, or off` })
    return z.NEVER
  })
}
