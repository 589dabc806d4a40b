import { installPackages, obstacle } from './apt.mjs'
import { hasProgram } from './engine-packages.mjs'

const packageOf = { promtool: 'prometheus', sshd: 'openssh-server', ssh: 'openssh-client', chromium: 'chromium' }

/** Installs what single tests need besides an engine. Where it fails, those tests say what they lack. */
export function installTools() {
  const missing = Object.entries(packageOf).flatMap(([program, name]) => (hasProgram(program) ? [] : [name]))
  if (missing.length === 0) return
  process.stderr.write(`install-tools: installing ${missing.join(' ')}\n`)
  const failure = obstacle() ?? installPackages(missing)
  if (failure !== undefined) process.stderr.write(`install-tools: ${failure}\n`)
}
