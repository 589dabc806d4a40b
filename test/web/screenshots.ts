/** `npm run screenshots`: every page as it is, light and dark, into docs/ui. */
import { cpSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium, type Page } from 'playwright-core'
import { startDemo } from '../../src/simulator/demo.ts'
import { until } from '../helpers/until.ts'
import { WebScene } from './scene.ts'

const folder = process.argv[2] ?? fileURLToPath(new URL('../../docs/ui', import.meta.url))
/** So much of a chart is filled: two stretches of the watch. */
const lookedAtMs = Number(process.argv[3] ?? 150_000)
const pages = ['', 'containers', 'tail', 'pipeline', 'delivery', 'soak', 'configuration']
const size = { width: 1280, height: 800 }

mkdirSync(folder, { recursive: true })
await using scene = await WebScene.open()
startDemo(scene.engine)
scene.container('left-out')
const reports = join(scene.collector.folder, 'state/soak')
for (const name of ['simulated-60m', 'real-engine-30m'])
  cpSync(fileURLToPath(new URL(`../../docs/soak/${name}`, import.meta.url)), join(reports, name), { recursive: true })
scene.refuse()
await until(
  'a destination has refused something',
  async () => (await scene.collector.metric('logs_rejected_total')) > 20,
)
scene.accept()
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] })
try {
  const shots = (['light', 'dark'] as const).map(async (colorScheme) => {
    const context = await browser.newContext({ colorScheme, viewport: size })
    const page = await context.newPage()
    await page.goto(scene.url)
    await page.waitForTimeout(lookedAtMs)
    for (const path of pages) await shoot(page, path, colorScheme)
    await page.setViewportSize({ width: 390, height: 800 })
    await shoot(page, '', `narrow-${colorScheme}`)
  })
  await Promise.all(shots)
} finally {
  await browser.close()
}

async function shoot(page: Page, path: string, kind: string): Promise<void> {
  await page.goto(`${scene.url}#/${path}`)
  await page.waitForTimeout(path === 'tail' ? 4_000 : 3_000)
  if (path === 'tail') {
    await page.keyboard.press('Tab')
    await page.locator('.line.info').last().click()
  }
  const name = `${path || 'overview'}-${kind}.png`
  // What it ends with is what it is for.
  await page.screenshot({ path: join(folder, name), fullPage: path === 'soak' })
  process.stdout.write(`${name}\n`)
}
