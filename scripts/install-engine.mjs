// Installs what the tests' private engine needs, from Debian's packages, where it is missing. Exit status 0: everything is
// there; 1: it is not, and the reason is the last line of standard error.
import { installPackages, obstacle } from './apt.mjs'
import { missingPackages } from './engine-packages.mjs'

function fail(reason) {
  process.stderr.write(`install-engine: ${reason}\n`)
  process.exit(1)
}

const missing = missingPackages()
if (missing.length === 0) process.exit(0)
const list = missing.join(' ')
const why = obstacle()
if (why !== undefined) fail(`missing: ${list} (${why})`)

process.stderr.write(`install-engine: installing ${list}\n`)
const failure = installPackages(missing)
if (failure !== undefined) process.stderr.write(`${failure}\n`)
const left = missingPackages()
if (left.length > 0) fail(`could not install ${left.join(' ')}`)
