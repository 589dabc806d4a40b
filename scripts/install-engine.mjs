// Installs what the tests' private engine needs, from Debian's packages, where it is missing. Exit status 0: everything is
// there; 1: it is not, and the reason is the last line of standard error.
import { spawnSync } from 'node:child_process'
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { missingPackages } from './engine-packages.mjs'

const policyFile = '/usr/sbin/policy-rc.d'

function fail(reason) {
  process.stderr.write(`install-engine: ${reason}\n`)
  process.exit(1)
}

function apt(...words) {
  return spawnSync('apt-get', [...words, '-q', '-o', 'DPkg::Lock::Timeout=120'], {
    encoding: 'utf8',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

const missing = missingPackages()
if (missing.length === 0) process.exit(0)
const list = missing.join(' ')
if (process.getuid?.() !== 0) fail(`missing: ${list} (not root, cannot install)`)
if (spawnSync('apt-get', ['--version']).status !== 0) fail(`missing: ${list} (no apt-get here)`)

process.stderr.write(`install-engine: installing ${list}\n`)
// The packages would start their daemons; the tests start their own.
const hasPolicy = existsSync(policyFile)
if (!hasPolicy) writeFileSync(policyFile, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
try {
  const install = ['install', '-y', '--no-install-recommends', ...missing]
  let { status, stdout, stderr } = apt(...install)
  if (status !== 0) {
    apt('update')
    ;({ status, stdout, stderr } = apt(...install))
  }
  if (status !== 0) {
    process.stderr.write(`${stdout.slice(-2000)}${stderr.slice(-2000)}\n`)
    process.exitCode = 1
  }
} finally {
  if (!hasPolicy) rmSync(policyFile, { force: true })
}
const left = missingPackages()
if (left.length > 0) fail(`could not install ${left.join(' ')}`)
