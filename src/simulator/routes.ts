import type { IncomingMessage, ServerResponse } from 'node:http'
import { ZodError } from 'zod'
import { ApiError } from './api-error.ts'
import * as containers from './container-routes.ts'
import type { Daemon } from './daemon.ts'
import { sendEvents } from './event-route.ts'
import { type Exchange, sendError, sendJson } from './exchange.ts'
import type { RequestFault } from './faults.ts'
import { compareApiVersions } from './flavor.ts'
import { sendLogs } from './log-route.ts'
import * as system from './system-routes.ts'

type Handler = (exchange: Exchange) => void | Promise<void>

/** Method and path; `{id}` is a container's id, name or beginning of an id. */
const routes: readonly (readonly [string, string, Handler])[] = [
  ['GET', '/_ping', system.ping],
  ['HEAD', '/_ping', system.ping],
  ['GET', '/version', system.version],
  ['GET', '/info', system.info],
  ['GET', '/events', sendEvents],
  ['GET', '/containers/json', containers.list],
  ['POST', '/containers/create', containers.create],
  ['GET', '/containers/{id}/json', containers.inspect],
  ['GET', '/containers/{id}/logs', sendLogs],
  ['POST', '/containers/{id}/start', containers.start],
  ['POST', '/containers/{id}/stop', containers.stop],
  ['POST', '/containers/{id}/kill', containers.kill],
  ['POST', '/containers/{id}/restart', containers.restart],
  ['POST', '/containers/{id}/pause', containers.pause],
  ['POST', '/containers/{id}/unpause', containers.unpause],
  ['POST', '/containers/{id}/rename', containers.rename],
  ['POST', '/containers/{id}/wait', containers.wait],
  ['DELETE', '/containers/{id}', containers.remove],
]

const handlers = new Map(routes.map(([method, path, handler]) => [`${method} ${path}`, handler]))

/** Answers a request; settles when the handler has done its part, never rejects. */
export async function answer(engine: Daemon, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://engine')
  const [, version, path = ''] = /^(?:\/v(\d+\.\d+))?(\/.*)$/.exec(url.pathname) ?? []
  const fault = engine.faults.takeRequest(path)
  if (fault && fault.kind !== 'error-status') {
    strike(fault, response)
    return
  }
  const [, head, id, tail = ''] = /^(\/containers\/)([^/]+)(\/[a-z]+)?$/.exec(path) ?? []
  const isFixed = handlers.has(`${request.method ?? ''} ${path}`)
  const reference = isFixed || id === undefined ? '' : decodeURIComponent(id)
  const pattern = isFixed || head === undefined ? path : `${head}{id}${tail}`
  const gone = new AbortController()
  response.once('close', () => gone.abort(new Error('the client has gone')))
  const exchange: Exchange = {
    engine,
    request,
    response,
    query: url.searchParams,
    reference,
    version,
    signal: gone.signal,
  }
  setHeaders(exchange)
  try {
    if (fault) throw new ApiError(fault.status, 'simulated failure')
    if (version !== undefined) assertSpoken(engine, version)
    const handler = handlers.get(`${request.method ?? ''} ${pattern}`)
    if (!handler) throw new ApiError(404, 'page not found')
    await handler(exchange)
  } catch (error) {
    // Who went away gets no answer, and was not owed one.
    if (gone.signal.aborted || response.destroyed) return
    if (response.headersSent) response.destroy()
    else if (error instanceof ApiError) sendError(exchange, error)
    else sendJson(exchange, error instanceof ZodError ? 400 : 500, { message: String(error) })
  }
}

function strike(fault: RequestFault, { req }: ServerResponse): void {
  if (fault.kind === 'not-http') req.socket.end('SSH-2.0-OpenSSH_9.2p1\r\n')
  // 'silence' leaves request and connection as they are.
}

function setHeaders({ engine, response }: Exchange): void {
  const { flavor } = engine
  response.setHeader('Api-Version', flavor.apiVersion)
  if (flavor.isPodman) response.setHeader('Libpod-Api-Version', flavor.serverVersion)
  else {
    response.setHeader('Docker-Experimental', 'false')
    response.setHeader('Ostype', 'linux')
  }
  response.setHeader('Date', new Date(engine.clock.now().seconds * 1000).toUTCString())
  response.setHeader('Server', flavor.server)
  // The engine sends none; HTTP/1.1 keeps connections anyway.
  response.removeHeader('Connection')
}

function assertSpoken({ flavor }: Daemon, version: string): void {
  if (compareApiVersions(version, flavor.minApiVersion) < 0) {
    const minimum = `Minimum supported API version is ${flavor.minApiVersion}`
    throw new ApiError(
      400,
      `client version ${version} is too old. ${minimum}, please upgrade your client to a newer version`,
    )
  }
  if (compareApiVersions(version, flavor.apiVersion) > 0) {
    throw new ApiError(
      400,
      `client version ${version} is too new. Maximum supported API version is ${flavor.apiVersion}`,
    )
  }
}
