import type { ListenAddress } from '../api/server.ts'

/** Where to ask a collector that listens there. */
export function apiUrl({ host, port }: ListenAddress, scheme: 'http' | 'https'): string {
  return `${scheme}://${addressed(host)}:${port}`
}

/** Where to connect to what listens on `host`: an address of all interfaces is one to listen on only. */
function addressed(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1'
  if (host === '::') return '[::1]'
  return host.includes(':') ? `[${host}]` : host
}
