import { readFile } from 'node:fs/promises'

/** 64 hexadecimal digits that stand alone in a path: a container's id in cgroup paths and in the mounts of its /etc/hosts. */
const idInPath = /(?:^|[/:-])([0-9a-f]{64})(?=$|[/.\s])/m

/**
 * The id of the container that this process runs in, so that it never reads its own output; undefined outside of a container. A host
 * name is no proof: it can be set to anything. cgroup v1 names the id in /proc/self/cgroup; with v2 and a namespace of its own only the mounts do.
 */
export async function ownContainerId(procSelf = '/proc/self'): Promise<string | undefined> {
  const cgroup = idInPath.exec(await read(`${procSelf}/cgroup`))
  if (cgroup) return cgroup[1]
  const mounts = (await read(`${procSelf}/mountinfo`))
    .split('\n')
    .filter((line) => / \/etc\/(hostname|hosts|resolv\.conf) /.test(line))
  return idInPath.exec(mounts.join('\n'))?.[1]
}

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch {
    // Not Linux, or no /proc: then there is no container to leave out either.
    return ''
  }
}
