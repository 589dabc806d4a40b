import { spawnSync } from 'node:child_process'
import { existsSync, rmSync, writeFileSync } from 'node:fs'

const policyFile = '/usr/sbin/policy-rc.d'

/** Why packages cannot be installed here; undefined: they can. */
export function obstacle() {
  if (process.getuid?.() !== 0) return 'not root, cannot install'
  if (spawnSync('apt-get', ['--version']).status !== 0) return 'no apt-get here'
  return undefined
}

/** Installs Debian packages, after an update of the lists if they are not found at once. Gives back what apt-get said when it failed. */
export function installPackages(names) {
  // The packages would start their daemons; the tests start their own.
  const hasPolicy = existsSync(policyFile)
  if (!hasPolicy) writeFileSync(policyFile, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  try {
    const install = ['install', '-y', '--no-install-recommends', ...names]
    if (apt(...install).status === 0) return undefined
    apt('update')
    const { status, stdout, stderr } = apt(...install)
    return status === 0 ? undefined : `${stdout.slice(-2000)}${stderr.slice(-2000)}`
  } finally {
    if (!hasPolicy) rmSync(policyFile, { force: true })
  }
}

function apt(...words) {
  return spawnSync('apt-get', [...words, '-q', '-o', 'DPkg::Lock::Timeout=120'], {
    encoding: 'utf8',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}
