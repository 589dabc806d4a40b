import { resolve } from 'node:path'
import type { Finding } from '../../component/examination.ts'
import { lookAtFolder } from '../../lib/look-at-folder.ts'
import { formatBytes } from '../../lib/units.ts'
import type { CollectorConfig } from '../registries.ts'

/** Below this the cursors themselves may find no room. */
const leastFreeBytes = 64 * 2 ** 20

/** Can the state be kept, and is there room for what may have to wait? */
export async function examineDataDir(config: CollectorConfig, processId: number | undefined): Promise<Finding> {
  const folder = resolve(config.dataDir)
  const { nearest, obstacle, freeBytes } = await lookAtFolder(folder)
  const subject = 'data_dir'
  if (obstacle !== undefined)
    return {
      status: 'mend',
      subject,
      text: `nothing can be written to ${folder}: ${obstacle}`,
      cure: `let this user write to ${nearest}, or choose another data_dir`,
    }
  const mayWait = config.sinks.reduce((sum, { queue }) => sum + queue.disk, config.deadLetters.maxBytes)
  const user = processId === undefined ? '' : `, in use by process ${processId}`
  const text = `${folder}${user}: writable, ${formatBytes(freeBytes)} free; up to ${formatBytes(mayWait)} may wait there while sinks are away`
  if (freeBytes < leastFreeBytes)
    return { status: 'mend', subject, text, cure: 'make room, or choose a data_dir on another disk' }
  if (freeBytes < mayWait)
    return {
      status: 'note',
      subject,
      text,
      cure: 'make room, or lower queue.disk of the sinks: a full disk holds the sources back earlier',
    }
  return { status: 'ok', subject, text }
}
