import { dirname, resolve } from 'node:path'
import type { Examination, ExaminationContext, Finding } from '../../component/examination.ts'
import { lookAtFolder } from '../../lib/look-at-folder.ts'
import { formatBytes } from '../../lib/units.ts'
import { maxOpenFiles } from './open-files.ts'
import type { FileOptions } from './schema.ts'

/** Below this the disk is as good as full. */
const leastFreeBytes = 64 * 2 ** 20

/** Can files be made where the sink will want to? */
export async function examine({ path }: FileOptions, { containers }: ExaminationContext): Promise<Examination> {
  // Everything before the first placeholder is the same for all files.
  const [before = ''] = path.split('{')
  const folder = resolve(before.endsWith('/') ? before : dirname(before))
  const files = path.includes('{') ? Math.min(maxOpenFiles, 2 * containers) : 1
  return { findings: [await look(folder)], descriptors: files }
}

async function look(folder: string): Promise<Finding> {
  const { nearest, obstacle, freeBytes } = await lookAtFolder(folder)
  const subject = 'folder'
  if (obstacle !== undefined)
    return {
      status: 'mend',
      subject,
      text: `nothing can be written to ${folder}: ${obstacle}`,
      cure: `let this user write to ${nearest}, or choose another path`,
    }
  if (freeBytes < leastFreeBytes)
    return {
      status: 'mend',
      subject,
      text: `the disk of ${folder} has ${formatBytes(freeBytes)} left`,
      cure: 'make room, or limit what the sink keeps: rotate and keep',
    }
  const isNew = nearest === folder ? '' : ', which will be made'
  return { status: 'ok', subject, text: `${folder}${isNew}: writable, ${formatBytes(freeBytes)} free` }
}
