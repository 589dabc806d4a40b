import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf, messageOf } from '../lib/error.ts'
import { DiskQueue } from '../pipeline/disk-queue/disk-queue.ts'
import type { Log } from '../telemetry/log.ts'

/** Tells of lines on disk that nobody will send, since the sink that they were for is not configured any more. Never rejects. */
export async function warnOfOrphanQueues(queuesFolder: string, sinkIds: ReadonlySet<string>, log: Log): Promise<void> {
  const unknown = (folder: string, error: unknown) =>
    log.warn({ folder, error: messageOf(error) }, 'what waits on disk for a sink that is not configured is not known')
  const sinks = await foldersIn(queuesFolder).catch((error: unknown) => {
    unknown(queuesFolder, error)
    return []
  })
  for (const sink of sinks) {
    if (sinkIds.has(sink)) continue
    const folder = join(queuesFolder, sink)
    try {
      const { lines, bytes } = await waitingIn(folder, log)
      const hint = `configure a sink "${sink}" again to have them delivered, or remove the folder`
      if (lines > 0)
        log.warn({ sink, lines, bytes, folder, hint }, 'lines wait on disk for a sink that is not configured')
    } catch (error) {
      unknown(folder, error)
    }
  }
}

async function waitingIn(folder: string, log: Log): Promise<{ readonly lines: number; readonly bytes: number }> {
  if (!(await DiskQueue.isAt(folder))) return { lines: 0, bytes: 0 }
  await using queue = await DiskQueue.open({ folder, maxBytes: Number.MAX_SAFE_INTEGER, log, onLost: () => undefined })
  return { lines: queue.lines, bytes: queue.bytes }
}

async function foldersIn(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true })
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return []
    throw error
  }
}
