import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))

/** Runs a Node program of the project or of a package. Its output is kept, or shown as it comes. */
export function runNode(words, { isShown = false, env = process.env } = {}) {
  const startedAtMs = performance.now()
  return new Promise((resolve) => {
    const child = spawn(process.execPath, words, {
      cwd: root,
      env,
      stdio: isShown ? 'inherit' : ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    child.stdout?.on('data', (bytes) => (output += bytes))
    child.stderr?.on('data', (bytes) => (output += bytes))
    child.on('error', (error) => (output += `${error.message}\n`))
    child.on('close', (status) => resolve({ isGood: status === 0, output, seconds: secondsSince(startedAtMs) }))
  })
}

export function secondsSince(ms) {
  return ((performance.now() - ms) / 1000).toFixed(1)
}
