import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { endProcesses, processesWith, send } from './processes.ts'
import { until } from './until.ts'

const folderPrefix = 'log-capturer-engine-'
const memoryFolder = '/dev/shm'
const roomyBytes = 8 * 1024 ** 3

/** What the name of a new engine's folder begins with. An engine writes and syncs much to start a container: in memory, where there is room, it takes half of the time. */
export function engineFolderPrefix(): string {
  return join(hasRoomInMemory() ? memoryFolder : tmpdir(), folderPrefix)
}

function hasRoomInMemory(): boolean {
  const mounts = existsSync(memoryFolder) ? readFileSync('/proc/self/mountinfo', 'utf8').split('\n') : []
  const mount = mounts.map((line) => line.split(' ')).find((words) => words[4] === memoryFolder)
  if (mount === undefined || mount[5]?.split(',').includes('noexec')) return false
  const { bavail, bsize } = statfsSync(memoryFolder)
  return bavail * bsize > roomyBytes
}

/** Marks a folder as an engine's; holds the id of the process that owns it. */
export const ownerFile = 'owner'

export function containerdWords(folder: string): string[] {
  return ['--config', join(folder, 'containerd.toml')]
}

export function dockerdWords(folder: string): string[] {
  return ['--data-root', join(folder, 'data')]
}

/** What starts and tends the processes of this engine's containers. */
function shimWords(folder: string): string[] {
  return ['-address', join(folder, 'containerd.sock')]
}

/** Ends everything that runs for the engine in `folder`, in whatever state it is, and removes every trace of it. */
export async function removeEngine(folder: string): Promise<void> {
  const shimSockets = shimSocketsOf(folder)
  await endProcesses(dockerdWords(folder), { signal: 'SIGTERM', withinMs: 15_000 })
  await endProcesses(shimWords(folder), { signal: 'SIGKILL', withinMs: 5_000 })
  await endContainers(folder)
  await endProcesses(containerdWords(folder), { signal: 'SIGTERM', withinMs: 5_000 })
  // containerd may have started one more while it ended.
  await endProcesses(shimWords(folder), { signal: 'SIGKILL', withinMs: 5_000 })
  for (const path of shimSockets) rmSync(path, { force: true })
  removeIfEmpty('/run/containerd/s')
  removeIfEmpty('/run/containerd')
  await until(`nothing is mounted below ${folder}`, () => unmountBelow(folder))
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
}

/** Removes the engines of test processes that were killed before they could do it. */
export async function removeOrphans(): Promise<void> {
  for (const parent of [tmpdir(), memoryFolder].filter(existsSync)) {
    for (const name of readdirSync(parent)) {
      const owner = join(parent, name, ownerFile)
      if (!name.startsWith(folderPrefix) || !existsSync(owner)) continue
      const id = Number(readFileSync(owner, 'utf8'))
      if (existsSync(`/proc/${id}`)) continue
      await removeEngine(join(parent, name))
    }
  }
}

/** The sockets of all engines' shims lie in one folder; only the shims' own records tell whose they are. */
function shimSocketsOf(folder: string): string[] {
  const tasks = join(folder, 'containerd-state', 'io.containerd.runtime.v2.task', 'moby')
  if (!existsSync(tasks)) return []
  return readdirSync(tasks).flatMap((id) => {
    const address = join(tasks, id, 'address')
    return existsSync(address)
      ? [
          readFileSync(address, 'utf8')
            .trim()
            .replace(/^unix:\/\//, ''),
        ]
      : []
  })
}

/** The control group that all containers of an engine are in. */
export function cgroupOf(folder: string): string {
  return basename(folder)
}

/** The processes of containers whose shim has died, found by their control groups. */
async function endContainers(folder: string): Promise<void> {
  for (const parent of cgroupFolders(cgroupOf(folder))) {
    for (const group of subfolders(parent)) {
      await until(`the processes in ${group} have ended`, () => {
        thaw(group)
        const ids = readFileSync(join(group, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number)
        send(ids, 'SIGKILL')
        return ids.length === 0
      })
      removeIfEmpty(group)
    }
    removeIfEmpty(parent)
  }
}

/** One place in version 2, one for each controller in version 1. */
function cgroupFolders(name: string): string[] {
  const top = '/sys/fs/cgroup'
  if (!existsSync(top)) return []
  return [top, ...subfolders(top)].map((root) => join(root, name)).filter(existsSync)
}

function subfolders(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? [join(folder, entry.name)] : [],
  )
}

/** A frozen process does not die. */
function thaw(group: string): void {
  const version1 = join(group, 'freezer.state')
  const version2 = join(group, 'cgroup.freeze')
  if (existsSync(version1)) writeFileSync(version1, 'THAWED')
  if (existsSync(version2)) writeFileSync(version2, '0')
}

function unmountBelow(folder: string): boolean {
  const points = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .filter((point) => point.startsWith(`${folder}/`))
  // The innermost first.
  for (const point of points.sort().reverse()) spawnSync('umount', ['-l', point])
  return points.length === 0
}

/** Folders that several engines use are removed by the last one. */
function removeIfEmpty(path: string): void {
  try {
    rmdirSync(path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'ENOENT' && code !== 'ENOTEMPTY' && code !== 'EBUSY') throw error
  }
}

/** Whether a daemon of the engine in `folder` runs. */
export function isDaemonRunning(folder: string): boolean {
  return processesWith(dockerdWords(folder)).length > 0
}
