import type { RequestListener } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { type ApiParts, createRoutes } from './routes.ts'

/** What answers requests. Loaded when the first comes: the libraries for it, and what they wake in Node, take 40 ms of every start otherwise. */
export function createListener(parts: ApiParts): RequestListener {
  const app = createRoutes(parts)
  // Left to itself the library replaces the process's own Request and Response.
  const handle = getRequestListener((request, env) => app.fetch(request, env), { overrideGlobalObjects: false })
  return (request, response) => void handle(request, response)
}
