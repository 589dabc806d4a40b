import { listProcFolder, readProcLink } from './proc-file.ts'

export type DescriptorKind = 'socket' | 'pipe' | 'file' | 'device' | 'anonymous' | 'other'

export interface Descriptor {
  readonly number: number
  /** What /proc shows: `socket:[4711]`, `pipe:[4712]`, `anon_inode:[eventpoll]`, `/var/log/x`, `/tmp/y (deleted)`. */
  readonly target: string
  readonly kind: DescriptorKind
  /** Number and target. A file that is closed and opened again in between may get the same; a socket and a pipe never do. */
  readonly identity: string
}

/** The open descriptors of a process; undefined: it has ended. Where a process looks at itself, the one it looks through is left out. */
export function readDescriptors(pid: number): readonly Descriptor[] | undefined {
  return listProcFolder(pid, 'fd')?.flatMap((number) => {
    const target = readProcLink(pid, `fd/${number}`)
    if (target === undefined || target === `/proc/${pid}/fd`) return []
    return [{ number: Number(number), target, kind: kindOf(target), identity: `${number} ${target}` }]
  })
}

function kindOf(target: string): DescriptorKind {
  if (target.startsWith('socket:')) return 'socket'
  if (target.startsWith('pipe:')) return 'pipe'
  if (target.startsWith('anon_inode:')) return 'anonymous'
  if (target.startsWith('/dev/')) return 'device'
  return target.startsWith('/') ? 'file' : 'other'
}
