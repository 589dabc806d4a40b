import { describe, test } from 'vitest'
import { missingPackages } from '../../scripts/engine-packages.mjs'

/** Why no private engine can run here; undefined: one can. */
function engineObstacle(): string | undefined {
  if (process.platform !== 'linux') return `a private engine needs Linux, this is ${process.platform}`
  if (process.getuid?.() !== 0) return 'a private engine needs root'
  const missing = missingPackages()
  return missing.length === 0
    ? undefined
    : `not installed: ${missing.join(' ')} (scripts/install-engine.mjs installs them)`
}

/**
 * Tests that need a real engine. Where none can run, they are reported as skipped with the reason; with CI=true, where nobody
 * reads reports of skipped tests, that is a failure.
 */
export function describeWithEngine(name: string, suite: () => void): void {
  const obstacle = engineObstacle()
  if (obstacle === undefined) describe(name, suite)
  else if (process.env['CI'] === 'true') {
    test(name, () => {
      throw new Error(`these tests need a real engine: ${obstacle}`)
    })
  } else describe.skip(`${name} (skipped: ${obstacle})`, suite)
}
