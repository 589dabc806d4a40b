import { randomBytes } from 'node:crypto'
import { type FileHandle, open, readdir, rm } from 'node:fs/promises'
import { connect, createServer, type Server } from 'node:net'
import { codeOf } from '../lib/error.ts'

const pattern = /^lock-[0-9a-f]{16}\.socket$/

/**
 * A socket in a folder that takes connections as long as its process lives. It is seen from every namespace that has the folder, where a process id means nothing.
 */
export class LockSocket implements AsyncDisposable {
  readonly name: string
  readonly #server: Server
  readonly #folder: FileHandle

  private constructor(name: string, server: Server, folder: FileHandle) {
    this.name = name
    this.#server = server
    this.#folder = folder
  }

  /** @returns undefined where the file system takes no sockets. */
  static async open(folder: string): Promise<LockSocket | undefined> {
    const name = `lock-${randomBytes(8).toString('hex')}.socket`
    const handle = await open(folder)
    const server = createServer((connection) => connection.destroy())
    try {
      await new Promise<void>((resolve, reject) => {
        // Listened to for good: where descriptors run out, a connection that cannot be taken must not end the process.
        server.on('error', reject).listen(shortPath(handle, name), resolve)
      })
    } catch {
      await handle.close()
      return undefined
    }
    server.unref()
    return new LockSocket(name, server, handle)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Node removes the socket's file by the path that it was given, so the folder must still be open.
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
    await this.#folder.close()
  }
}

/** Whether the process lives that opened the socket of this name. */
export async function isAnswered(folder: string, name: string): Promise<boolean> {
  if (!pattern.test(name)) return false
  const handle = await open(folder)
  try {
    return await new Promise<boolean>((resolve) => {
      const socket = connect(shortPath(handle, name), () => {
        socket.destroy()
        resolve(true)
      })
      // A queue of connections that is full belongs to somebody who lives.
      socket.once('error', (error) => resolve(codeOf(error) === 'EAGAIN'))
    })
  } finally {
    await handle.close()
  }
}

/** Removes the sockets in a folder that nobody answers any more. */
export async function removeUnanswered(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (pattern.test(name) && !(await isAnswered(folder, name))) await rm(`${folder}/${name}`, { force: true })
  }
}

/** The path of a socket has room for 107 bytes (unix(7)): by way of the open folder every path is short enough. */
function shortPath({ fd }: FileHandle, name: string): string {
  return `/proc/self/fd/${fd}/${name}`
}
