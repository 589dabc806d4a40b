import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin', '/sbin']

/** Whether a program is in PATH, or where Debian puts those of the administrator. */
export function hasProgram(name) {
  return folders.some((folder) => isExecutable(join(folder, name)))
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** A busybox that runs without libraries: the only file of the tests' image. Undefined: there is none. */
export function staticBusybox() {
  return ['/bin/busybox', '/usr/bin/busybox'].find((path) => {
    if (!isExecutable(path)) return false
    const { stdout, stderr } = spawnSync('ldd', [path], { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C' } })
    return /not a dynamic executable|statically linked/.test(`${stdout}${stderr}`)
  })
}

const packageOf = {
  dockerd: 'docker.io',
  containerd: 'containerd',
  runc: 'runc',
  iptables: 'iptables',
  openssl: 'openssl',
  curl: 'curl',
}

/** The Debian packages that the tests' engine still lacks. */
export function missingPackages() {
  const missing = Object.entries(packageOf).flatMap(([program, name]) => (hasProgram(program) ? [] : [name]))
  return staticBusybox() ? missing : [...missing, 'busybox-static']
}
