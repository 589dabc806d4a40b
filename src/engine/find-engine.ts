import { readFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { type EngineAddress, parseAddress, type TlsChoice } from './address.ts'

/** A place where an engine may be, and how we came to think so. */
export interface EngineCandidate {
  readonly address: EngineAddress
  /** For messages: `DOCKER_HOST`, `docker context "remote"`, `/var/run/docker.sock`. */
  readonly from: string
}

export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly home: string
  readonly userId: number
}

export function ownSurroundings(): Surroundings {
  return { env: process.env, home: homedir(), userId: process.getuid?.() ?? 0 }
}

/**
 * Where to look for an engine, best first: DOCKER_HOST (then nowhere else: it was said), the current docker context, the usual sockets of
 * Docker and Podman with those of this user first. @throws AddressError for an address that was given and is none.
 */
export function engineCandidates({ env, home, userId }: Surroundings = ownSurroundings()): EngineCandidate[] {
  if (env['DOCKER_HOST'])
    return [{ address: parseAddress(env['DOCKER_HOST'], environmentTls(env, home)), from: 'DOCKER_HOST' }]
  const context = currentContext(env, home)
  if (context) return [context]
  const runtime = env['XDG_RUNTIME_DIR'] ?? `/run/user/${userId}`
  const sockets = [
    `${runtime}/docker.sock`,
    `${home}/.docker/run/docker.sock`,
    '/var/run/docker.sock',
    `${runtime}/podman/podman.sock`,
    '/run/podman/podman.sock',
  ]
  return sockets.map((path) => ({ address: { kind: 'unix', path } as const, from: path }))
}

/** DOCKER_TLS_VERIFY set to anything but nothing checks the engine's certificate; DOCKER_CERT_PATH defaults to ~/.docker. */
function environmentTls(env: Surroundings['env'], home: string): TlsChoice | undefined {
  const isVerified = (env['DOCKER_TLS_VERIFY'] ?? '') !== ''
  if (!isVerified && env['DOCKER_CERT_PATH'] === undefined) return undefined
  if (env['DOCKER_HOST']?.startsWith('tcp://') !== true) return undefined
  return { certPath: env['DOCKER_CERT_PATH'] ?? join(home, '.docker'), isVerified }
}

const configFile = z.object({ currentContext: z.string().optional() })
const contextFile = z.object({
  Endpoints: z.object({
    docker: z.object({ Host: z.string().optional(), SkipTLSVerify: z.boolean().optional() }).optional(),
  }),
})

/** Contexts live in ~/.docker/contexts, in folders named by the SHA-256 of their name. "default" is no context. */
function currentContext(env: Surroundings['env'], home: string): EngineCandidate | undefined {
  const folder = env['DOCKER_CONFIG'] ?? join(home, '.docker')
  const name = env['DOCKER_CONTEXT'] ?? readJson(join(folder, 'config.json'), configFile)?.currentContext
  if (!name || name === 'default') return undefined
  const id = createHash('sha256').update(name).digest('hex')
  const endpoint = readJson(join(folder, 'contexts', 'meta', id, 'meta.json'), contextFile)?.Endpoints.docker
  if (!endpoint?.Host) return undefined
  const certPath = join(folder, 'contexts', 'tls', id, 'docker')
  const tls =
    endpoint.Host.startsWith('tcp://') && hasFile(join(certPath, 'ca.pem'))
      ? { certPath, isVerified: endpoint.SkipTLSVerify !== true }
      : undefined
  return { address: parseAddress(endpoint.Host, tls), from: `docker context "${name}"` }
}

function readJson<S extends z.ZodType>(path: string, schema: S): z.output<S> | undefined {
  try {
    return schema.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch {
    // No docker client was ever used here, or its file is another version's: then it names no engine.
    return undefined
  }
}

function hasFile(path: string): boolean {
  try {
    readFileSync(path)
    return true
  } catch {
    return false
  }
}
