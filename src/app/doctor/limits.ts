import { watch } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import type { Finding } from '../../component/examination.ts'
import { descriptorLimitIn } from '../../lib/descriptor-limit.ts'
import { codeOf, messageOf } from '../../lib/error.ts'
import { counted } from '../../lib/words.ts'

/** Node itself, state, queues, the API and its clients. */
const ownDescriptors = 100

export interface Needs {
  readonly containers: number
  /** Descriptors of sources and sinks. */
  readonly descriptors: number
  /** Folders to be watched by inotify. */
  readonly watches: number
  /** The collector that runs, if one does: its limits count, and what it has is not taken twice. */
  readonly processId: number | undefined
}

/** What the kernel lets a collector have, against what it needs. Nothing is told where there is no /proc. */
export async function examineLimits(needs: Needs): Promise<readonly Finding[]> {
  const found = [await descriptorFinding(needs), await watchFinding(needs)]
  return found.filter((finding) => finding !== undefined)
}

async function descriptorFinding(needs: Needs): Promise<Finding | undefined> {
  const text = await read(`/proc/${needs.processId ?? 'self'}/limits`)
  const limit = descriptorLimitIn(text)
  if (limit === undefined) return undefined
  const needed = needs.descriptors + ownDescriptors
  const who =
    needs.processId === undefined ? 'a process started from here' : `the collector (process ${needs.processId})`
  const told = `${who} may open ${limit} descriptors; for ${counted(needs.containers, 'running container')} up to ${needed} are needed`
  if (limit >= needed) return { status: 'ok', subject: 'descriptors', text: told }
  const enough = 2 ** Math.ceil(Math.log2(2 * needed))
  const cure = `raise the limit to ${enough}: LimitNOFILE=${enough} in the systemd unit, --ulimit nofile=${enough} for a container, or ulimit -n ${enough}`
  return { status: 'mend', subject: 'descriptors', text: told, cure }
}

/** Of the limits of inotify only that of watches grows with containers: one instance is enough for all. */
async function watchFinding({ watches, processId }: Needs): Promise<Finding | undefined> {
  if (watches === 0) return undefined
  const subject = 'inotify'
  const fallBack = 'log files would be looked at four times a second instead, which costs more and is later'
  const obstacle = instanceObstacle()
  if (obstacle !== undefined && processId === undefined)
    return {
      status: 'note',
      subject,
      text: `this user gets no inotify instance (${obstacle}): ${fallBack}`,
      cure: 'sysctl fs.inotify.max_user_instances=1024, and keep it in /etc/sysctl.d',
    }
  const limit = Number(await read('/proc/sys/fs/inotify/max_user_watches'))
  if (!(limit > 0)) return undefined
  const used = await usedWatches(processId)
  const told = `this user may watch ${limit} folders and watches ${used} beside the collector; ${watches} are needed`
  if (limit - used >= watches) return { status: 'ok', subject, text: told }
  const enough = 2 ** Math.ceil(Math.log2(2 * (used + watches)))
  const cure = `sysctl fs.inotify.max_user_watches=${enough}, and keep it in /etc/sysctl.d`
  return { status: 'note', subject, text: `${told}: ${fallBack}`, cure }
}

/** Why no inotify instance can be had; undefined: one can. */
function instanceObstacle(): string | undefined {
  try {
    watch('/proc/self', { persistent: false }).close()
    return undefined
  } catch (error) {
    return codeOf(error) ?? messageOf(error)
  }
}

/** inotify watches of this user's other processes, which share the limit. */
async function usedWatches(processId: number | undefined): Promise<number> {
  const own = process.getuid?.()
  let used = 0
  for (const name of await readdir('/proc').catch(() => [])) {
    if (!/^\d+$/.test(name) || Number(name) === processId) continue
    const isOurs = await stat(`/proc/${name}`).then(
      ({ uid }) => uid === own,
      () => false,
    )
    if (isOurs) used += await watchesOf(`/proc/${name}/fdinfo`)
  }
  return used
}

async function watchesOf(folder: string): Promise<number> {
  let watches = 0
  for (const name of await readdir(folder).catch(() => []))
    watches += (await read(`${folder}/${name}`)).match(/^inotify /gm)?.length ?? 0
  return watches
}

/** Empty where there is no such file, or not any more. */
async function read(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '')
}
