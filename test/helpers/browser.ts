import { accessSync, constants } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'
import { afterAll, beforeAll, describe } from 'vitest'
import { installPackages, obstacle } from '../../scripts/apt.mjs'

const path = '/usr/bin/chromium'
/** Debian's package is 80 MB; where the network is quick it is there in ten seconds. */
const installTimeoutMs = 300_000

/**
 * Tests in a real Chromium, Debian's. With CI=true it is installed where it is missing, and a failure of that is one of the tests; elsewhere they are reported
 * as skipped, with the reason.
 */
export function describeWithBrowser(name: string, suite: (browser: () => Browser) => void): void {
  if (!isInstalled() && process.env['CI'] !== 'true') {
    describe.skip(`${name} (skipped: not installed: chromium)`, () => {
      suite(notStarted)
    })
    return
  }
  describe(name, () => {
    let browser: Browser | undefined
    beforeAll(async () => {
      install()
      // As root, and in containers, Chromium has no sandbox of its own; it sees nothing but our pages here.
      browser = await chromium.launch({ executablePath: path, args: ['--no-sandbox'] })
    }, installTimeoutMs)
    afterAll(() => browser?.close())
    suite(() => browser ?? notStarted())
  })
}

function install(): void {
  if (isInstalled()) return
  const failure = obstacle() ?? installPackages(['chromium'])
  if (!isInstalled())
    throw new Error(`these tests need Chromium, and it cannot be installed: ${failure ?? `no ${path}`}`)
}

function isInstalled(): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function notStarted(): never {
  throw new Error('the browser has not been started')
}
