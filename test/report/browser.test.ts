import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser, BrowserContextOptions } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { hostileRecord, hugeRecord, recordOf } from '../../src/soak/report/testing.ts'
import { writeReport } from '../../src/soak/report/write.ts'
import { describeWithBrowser } from '../helpers/browser.ts'
import { facts, lowContrast, overflow, textsOutside } from './page-checks.mjs'

const runs = {
  clean: recordOf({ cycles: 60 }),
  leak: recordOf({
    target: {
      leaks: { descriptors: 1.2 },
      survivors: [{ kind: 'descriptor', what: 'tcp to 127.0.0.1:2375', amount: 52 }],
    },
  }),
  short: recordOf({ cycles: 14 }),
  invalid: recordOf({ target: { unmetGate: '71,980 of 72,000 lines' } }),
  references: recordOf({
    cycles: 96,
    references: [{ name: 'vector', leaks: { descriptors: 1.5 } }, { name: 'fluent-bit' }],
  }),
  huge: hugeRecord(),
  hostile: hostileRecord(),
} as const
const names = Object.keys(runs) as readonly (keyof typeof runs)[]
const schemes = ['light', 'dark'] as const

/** What WCAG asks of text that is not large. */
const leastContrast = 4.5

const folder = mkdtempSync(join(tmpdir(), 'soak-report-browser-'))
beforeAll(async () => {
  for (const name of names) await writeReport(join(folder, name), runs[name])
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** The page, and everything that it complained of or asked for besides itself. */
async function opened(browser: Browser, path: string, options: BrowserContextOptions) {
  const context = await browser.newContext(options)
  const page = await context.newPage()
  const complaints: string[] = []
  const url = pathToFileURL(join(folder, path)).href
  page.on('console', (message) => complaints.push(message.text()))
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('dialog', (dialog) => complaints.push(dialog.message()))
  page.on('request', (request) => {
    if (request.url() !== url) complaints.push(`a request of ${request.url()}`)
  })
  await page.goto(url)
  return { page, complaints, [Symbol.asyncDispose]: () => context.close() }
}

describeWithBrowser('the report in a browser', (browser) => {
  test.each(
    names.flatMap((name) => [390, 1280].map((width) => ({ name, width }))),
  )('$name fits in $width px, and asks for nothing', async ({ name, width }) => {
    await using tab = await opened(browser(), `${name}/report.html`, { viewport: { width, height: 900 } })
    expect(await tab.page.evaluate(overflow)).toEqual({ beyond: 0, elements: [] })
    expect(await tab.page.evaluate(textsOutside)).toEqual([])
    // The parser has moved nothing: what HTML does not take where it stands would lie outside.
    expect(await tab.page.evaluate(facts)).toMatchObject({ mode: 'CSS1Compat', children: ['MAIN'] })
    expect(tab.complaints).toEqual([])
  })

  test.each(
    names.flatMap((name) => schemes.map((colorScheme) => ({ name, colorScheme }))),
  )('$name is readable in the $colorScheme', async ({ name, colorScheme }) => {
    const viewport = { width: 1280, height: 900 }
    await using tab = await opened(browser(), `${name}/report.html`, { colorScheme, viewport })
    const { ground } = await tab.page.evaluate(facts)
    expect(ground === 'rgb(255, 255, 255)').toBe(colorScheme === 'light')
    const { checked, low } = await tab.page.evaluate(lowContrast, leastContrast)
    expect(checked).toBeGreaterThan(100)
    expect(low).toEqual([])
  })

  test.each([
    'references',
    'huge',
    'hostile',
  ] as const)('charts of %s are files that a browser draws by themselves, in either scheme', async (name) => {
    const charts = readdirSync(join(folder, name, 'charts'))
    expect(charts.length).toBeGreaterThan(2)
    for (const chart of charts)
      for (const colorScheme of schemes) {
        await using tab = await opened(browser(), `${name}/charts/${chart}`, { colorScheme })
        const { namespace } = await tab.page.evaluate(facts)
        const { checked, low } = await tab.page.evaluate(lowContrast, leastContrast)
        const outside = await tab.page.evaluate(textsOutside)
        expect(checked).toBeGreaterThan(10)
        const seen = { chart, namespace, low, outside, complaints: tab.complaints }
        expect(seen).toEqual({ chart, namespace: 'http://www.w3.org/2000/svg', low: [], outside: [], complaints: [] })
      }
  })

  test('prints on several pages, on white, whatever the screen is', async () => {
    await using tab = await opened(browser(), 'references/report.html', { colorScheme: 'dark' })
    await tab.page.emulateMedia({ media: 'print', colorScheme: 'dark' })
    expect((await tab.page.evaluate(lowContrast, leastContrast)).low).toEqual([])
    const printed = await tab.page.pdf({ format: 'A4' })
    const pages = printed.toString('latin1').match(/\/Type\s*\/Page\b/g) ?? []
    expect(pages.length).toBeGreaterThan(3)
    expect(pages.length).toBeLessThan(16)
  })
})
