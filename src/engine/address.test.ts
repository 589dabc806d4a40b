import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { formatAddress, parseAddress } from './address.ts'
import { AddressError } from './engine-error.ts'

describe('addresses', () => {
  const cases: [text: string, shown: string, kind: string][] = [
    ['unix:///var/run/docker.sock', 'unix:///var/run/docker.sock', 'unix'],
    ['/run/podman/podman.sock', 'unix:///run/podman/podman.sock', 'unix'],
    ['tcp://10.0.0.1:2375', 'tcp://10.0.0.1:2375', 'tcp'],
    ['tcp://host', 'tcp://host:2375', 'tcp'],
    ['tcp://host:80', 'tcp://host:80', 'tcp'],
    ['tcp://[::1]:2375', 'tcp://[::1]:2375', 'tcp'],
    ['http://host:8080/', 'tcp://host:8080', 'tcp'],
    ['https://host', 'tcp://host:2376', 'tls'],
    ['ssh://admin@host', 'ssh://admin@host/var/run/docker.sock', 'ssh'],
    ['ssh://admin@host:2222/run/user/1000/docker.sock', 'ssh://admin@host:2222/run/user/1000/docker.sock', 'ssh'],
  ]
  test.each(cases)('%s', (text, shown, kind) => {
    const address = parseAddress(text)
    expect([formatAddress(address), address.kind]).toEqual([shown, kind])
  })

  test.each([
    '',
    'docker.sock',
    'unix://run/x',
    'ftp://host',
    'ssh://-oProxyCommand=x',
    'ssh://u:secret@host',
    'tcp://host:99999999',
  ])('"%s" is refused, with a cure', (text) => {
    expect(() => parseAddress(text)).toThrow(AddressError)
    try {
      parseAddress(text)
    } catch (error) {
      expect((error as AddressError).hint).toContain('unix://')
    }
  })

  test('a folder of certificates makes tcp a TLS address', () => {
    const folder = mkdtempSync(join(tmpdir(), 'certs-'))
    for (const name of ['ca.pem', 'cert.pem', 'key.pem']) writeFileSync(join(folder, name), name)
    const address = parseAddress('tcp://host', { certPath: folder, isVerified: true })
    expect(address).toEqual({
      kind: 'tls',
      host: 'host',
      port: 2376,
      tls: { ca: 'ca.pem', cert: 'cert.pem', key: 'key.pem', isVerified: true },
    })
    rmSync(folder, { recursive: true })
    expect(() => parseAddress('tcp://host', { certPath: folder, isVerified: true })).toThrow(
      /cannot read the TLS file .*ca\.pem/,
    )
  })
})
