import type { Descriptor } from './descriptors.ts'
import { readSockets } from './sockets.ts'

export interface NamedDescriptor {
  readonly identity: string
  /** What it is, for people; alike for those that are of the same use: `tcp to 10.0.0.1:2375 (ESTABLISHED)`, `file /var/log/x`, `inotify`. */
  readonly what: string
}

/** Says what descriptors of a process are, as long as it has them. */
export function nameDescriptors(pid: number, descriptors: readonly Descriptor[]): readonly NamedDescriptor[] {
  const sockets = descriptors.some(({ kind }) => kind === 'socket') ? readSockets(pid) : new Map<string, string>()
  return descriptors.map((descriptor) => ({ identity: descriptor.identity, what: nameOf(descriptor, sockets) }))
}

function nameOf({ kind, target }: Descriptor, sockets: ReadonlyMap<string, string>): string {
  switch (kind) {
    case 'socket':
      return sockets.get(/\d+/.exec(target)?.[0] ?? '') ?? 'socket (netlink, not connected, or closed meanwhile)'
    case 'anonymous':
      return target.replace(/^anon_inode:\[?(.*?)\]?$/, '$1')
    case 'file':
      return `file ${target}`
    case 'pipe':
      return 'pipe'
    case 'device':
    case 'other':
      return target
  }
}
