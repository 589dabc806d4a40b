import { type AddressInfo, createServer } from 'node:net'

/** A port of 127.0.0.1 that nobody listens on; somebody else may take it the next moment. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise<void>((resolve) => void server.close(() => resolve()))
  return port
}
