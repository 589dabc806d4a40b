import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Makes `ca.pem`, `cert.pem`, `key.pem` (a client's, by the names that DOCKER_CERT_PATH expects), `server-cert.pem`, `server-key.pem`. */
export function makeCertificates(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const openssl = (...words: string[]) => execFileSync('openssl', words, { cwd: folder, stdio: 'pipe' })
  const makeKey = (file: string) =>
    openssl('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-out', file)
  const sign = (name: string, subject: string, extensions: string) => {
    writeFileSync(join(folder, `${name}.ext`), extensions)
    openssl('req', '-new', '-key', `${name}key.pem`, '-subj', subject, '-out', `${name}.csr`)
    openssl(
      ...['x509', '-req', '-in', `${name}.csr`, '-CA', 'ca.pem', '-CAkey', 'ca-key.pem', '-CAcreateserial'],
      ...['-days', '2', '-sha256', '-extfile', `${name}.ext`, '-out', `${name}cert.pem`],
    )
  }
  makeKey('ca-key.pem')
  openssl(
    ...['req', '-x509', '-new', '-key', 'ca-key.pem', '-sha256', '-days', '2', '-subj', '/CN=test authority'],
    ...['-addext', 'keyUsage=critical,keyCertSign,cRLSign', '-out', 'ca.pem'],
  )
  makeKey('server-key.pem')
  sign('server-', '/CN=localhost', 'subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth\n')
  makeKey('key.pem')
  sign('', '/CN=client', 'extendedKeyUsage=clientAuth\n')
}
