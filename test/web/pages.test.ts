import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import axe from 'axe-core'
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { describeWithBrowser } from '../helpers/browser.ts'
import { until } from '../helpers/until.ts'
import { WebScene } from './scene.ts'

const pages = ['', 'containers', 'tail', 'pipeline', 'delivery', 'soak', 'configuration']

describeWithBrowser('the page of a collector', (browser) => {
  let scene: WebScene
  let page: Page
  let web: ReturnType<WebScene['container']>
  let context: BrowserContext
  /** What the page of this test complained of, or asked of anybody but the collector. */
  let complaints: string[]

  beforeAll(async () => {
    scene = await WebScene.open({ watchEveryMs: 20 })
    web = scene.container('web')
    scene.container('left-out')
  })
  afterAll(async () => {
    await scene[Symbol.asyncDispose]()
  })
  // A page of its own for each test: what a browser has to say of an answer that did not come, it says some time later.
  beforeEach(async () => {
    context = await browser().newContext({ viewport: { width: 1280, height: 800 } })
    page = await context.newPage()
    page.setDefaultTimeout(10_000)
    const heard: string[] = []
    page.on('console', (message) => heard.push(message.text()))
    page.on('pageerror', (error) => heard.push(error.message))
    page.on('dialog', (dialog) => heard.push(dialog.message()))
    page.on('request', (request) => {
      if (!request.url().startsWith(scene.url) && !request.url().startsWith('blob:')) heard.push(request.url())
    })
    complaints = heard
  })
  afterEach(() => context.close())

  const show = (path: string) => page.goto(`${scene.url}#/${path}`)
  const textOf = (selector: string) => page.locator(selector).first().textContent()
  const numberOf = async (selector: string) => Number((await textOf(selector))?.replaceAll(',', ''))
  const write = (lines: number) => {
    for (let i = 0; i < lines; i++) web.write('stdout', `line ${i}\n`)
  }

  test('numbers are those of the metrics, on every page that has them', async () => {
    write(1_234)
    await until('all is delivered', async () => (await scene.collector.metric('logs_sent_total')) >= 2 * 1_234)
    const collected = await scene.collector.metric('logs_collected_total')
    const ofLoki = await scene.collector.metric('logs_sent_total', 'sink="loki"')
    const seen: [string, string, string, number][] = [
      ['overview', '', '[data-test=lines-in]', collected],
      ['containers', 'containers', '[data-container=web] [data-test=lines]', collected],
      ['pipeline', 'pipeline', '[data-component=quiet] [data-test=lines]', collected],
      ['delivery', 'delivery', '[data-sink=loki] [data-test=lines]', ofLoki],
    ]
    for (const [name, path, selector, expected] of seen) {
      await show(path)
      await until(`${name} shows ${expected}`, async () => (await numberOf(selector)) === expected, {
        seen: () => textOf(selector),
      })
    }
    expect(complaints).toEqual([])
  })

  test('containers are sorted, filtered, and say why they are not read', async () => {
    await show('containers')
    await page.getByText('include or exclude of the source').or(page.getByText('leave it out')).first().waitFor()
    const names = () =>
      page.evaluate<unknown>('[...document.querySelectorAll("tbody tr")].map((row) => row.dataset.container)')
    expect(await names()).toEqual(['left-out', 'web'])
    await page.getByRole('button', { name: 'Lines', exact: true }).click()
    expect(await names()).toEqual(['web', 'left-out'])
    await page.getByLabel('Filter').fill('left')
    expect(await names()).toEqual(['left-out'])
  })

  test('the tail shows what a container has just written, of those that are wanted', async () => {
    const other = scene.container('other')
    web.write('stdout', 'said before anybody looked\n')
    await show('tail?container=web')
    await page.locator('.line', { hasText: 'said before anybody looked' }).waitFor()
    await page.getByText('live', { exact: true }).waitFor()
    other.write('stdout', 'of another container\n')
    web.write('stderr', '{"level":"error","msg":"just written","order":7}\n')
    const line = page.locator('.line.error', { hasText: 'just written' })
    await line.waitFor()
    expect(await page.locator('.line', { hasText: 'of another' }).count()).toBe(0)
    // Folded in its row, in full when it is chosen; by keyboard as well.
    expect(await line.textContent()).toContain('order=7')
    await page.getByRole('listbox').press('ArrowUp')
    await page.getByText('"order": 7').waitFor()
    web.write('stdout', 'while nobody wants it\n')
    await page.getByText('paused, 1 more have come').waitFor()
    await page.getByRole('listbox').press('End')
    await page.locator('.line', { hasText: 'while nobody wants it' }).waitFor()
    await page.getByLabel('With', { exact: true }).fill('just.w')
    await page.getByRole('button', { name: 'With: as a regular expression' }).click()
    await until('only that is shown', async () => (await page.locator('.line').count()) === 1)
    const downloading = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Download' }).click()
    const saved = readFileSync(await (await downloading).path(), 'utf8')
    expect(JSON.parse(saved)).toMatchObject({
      container: 'web',
      text: expect.stringContaining('just written') as string,
    })
    expect(complaints).toEqual([])
  })

  test('dead letters are looked at, sent again, and dropped', async () => {
    scene.refuse()
    web.write('stdout', 'refused at first\n')
    await until('it is a dead letter', async () => (await scene.collector.metric('dead_letters')) === 1)
    scene.accept()
    await show('delivery')
    await page.getByRole('button', { name: 'Look' }).click()
    await page.getByText('refused at first').waitFor()
    await page.getByRole('button', { name: 'Send again', exact: true }).click()
    const stored = () =>
      scene.receiver.streams({ container: 'web' }).some((s) => s.texts().includes('refused at first'))
    await until('it has arrived', stored)
    await page.getByText('There are none.').waitFor()
    scene.refuse()
    web.write('stdout', 'refused for good\n')
    await page.getByRole('button', { name: 'Drop', exact: true }).first().click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Drop', exact: true }).click()
    await page.getByText('There are none.').waitFor()
    scene.accept()
    expect(await scene.collector.metric('dead_letters')).toBe(0)
    expect(complaints).toEqual([])
  })

  test('a tail that was cut off goes on by itself, and says that it was', async () => {
    await show('tail?container=web&again')
    await page.getByText('live', { exact: true }).waitFor()
    const { host, port } = scene.collector.collector.listen!
    // As in a restart: the connection ends, and nobody answers for a moment.
    await scene.setApi('{ listen: off }')
    await page.getByText('does not answer').first().waitFor()
    await scene.setApi(`{ listen: "${host}:${port}" }`)
    await page.getByText('live', { exact: true }).waitFor()
    web.write('stdout', 'after the break\n')
    await page.locator('.line', { hasText: 'after the break' }).waitFor()
  })

  test('lines that are out to do harm are text', async () => {
    const hostile = scene.container('hostile')
    await show('tail?container=hostile')
    await page.getByText('live', { exact: true }).waitFor()
    const harm = '<script>alert(1)</script><img src=x onerror=alert(2)>'
    hostile.write('stdout', `${harm}\n`)
    hostile.write('stdout', `{"msg":"${harm}","__proto__":{"kind":"skip"}}\n`)
    hostile.write('stdout', 'red \u001b[31malert\u001b[0m, bell \u0007, nul \u0000, back \u202egnp.exe\n')
    hostile.write('stdout', Buffer.from([0xff, 0xfe, 0x80, 0x0a]))
    hostile.write('stdout', `${'x'.repeat(1024 * 1024)}\n`)
    hostile.write('stdout', 'the last\n')
    await page.locator('.line', { hasText: 'the last' }).waitFor()
    const texts = await page.locator('.line .text').allTextContents()
    expect(texts[0]).toBe(harm)
    expect(texts[2]).toBe('red alert, bell ␇, nul ␀, back ‹U+202E›gnp.exe')
    expect(texts[4]).toMatch(/^x{600} … 1008\.0 KiB more$/)
    expect(await page.locator('#page script, #page img').count()).toBe(0)
    await page.locator('.line', { hasText: 'xxx' }).click()
    await page.getByText('1008.0 KiB more are left out here').waitFor()
    expect(complaints).toEqual([])
  })

  test('the readings that the watch judges are drawn', async () => {
    await show('soak')
    await page.getByRole('img', { name: /^timers: \d/ }).waitFor()
    await page.getByLabel('Window').selectOption('a week')
    await page.getByText('There is something to see').waitFor()
    expect(complaints).toEqual([])
  })

  test('reports of soaks are listed with their verdicts, and open by themselves; nothing in them runs', async () => {
    const reports = join(scene.collector.folder, 'state/soak')
    cpSync(new URL('../../docs/soak/simulated-60m', import.meta.url), join(reports, 'an hour'), { recursive: true })
    mkdirSync(join(reports, 'hostile'))
    writeFileSync(join(reports, 'hostile/run.json'), '{')
    writeFileSync(
      join(reports, 'hostile/report.html'),
      '<h1>as it was</h1><script>document.body.innerHTML = "run"</script>',
    )
    const { host, port } = scene.collector.collector.listen!
    await scene.setApi(`{ listen: "${host}:${port}", auth: [{ token: "open sesame, please" }] }`)
    await show('soak')
    await page.getByLabel('The collector asks for a token').fill('open sesame, please')
    await page.getByRole('button', { name: 'Go on' }).click()
    const row = page.locator('[data-report="an hour"]')
    expect(await row.textContent()).toContain('No leak above')
    expect(await page.locator('[data-report=hostile]').textContent()).toContain('this is no JSON')
    const open = async (name: string) => {
      const opening = context.waitForEvent('page')
      await page.getByRole('link', { name }).click()
      const report = await opening
      await report.locator('h1').waitFor()
      return report
    }
    const report = await open('an hour')
    expect(await report.locator('h1').textContent()).toContain('No leak above')
    expect(await report.locator('svg').count()).toBeGreaterThan(3)
    // Its styles count; what is in a sandbox is of no origin.
    expect(await report.evaluate('getComputedStyle(document.querySelector(".verdict")).borderLeftWidth')).toBe('6px')
    expect(await report.evaluate('origin')).toBe('null')
    expect(await (await open('hostile')).locator('body').textContent()).toContain('as it was')
    const changed = report.url().replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'))
    expect((await fetch(changed)).status).toBe(404)
    await scene.setApi(`{ listen: "${host}:${port}" }`)
  })

  test('a collector that asks for a token gets it, with every question', async () => {
    const { host, port } = scene.collector.collector.listen!
    await scene.setApi(`{ listen: "${host}:${port}", auth: [{ token: "open sesame, please" }] }`)
    const context = await browser().newContext()
    const guarded = await context.newPage()
    await guarded.goto(scene.url)
    const enter = async (token: string) => {
      await guarded.getByLabel('The collector asks for a token').fill(token)
      await guarded.getByRole('button', { name: 'Go on' }).click()
    }
    await enter('this is not the token')
    await guarded.getByText('these credentials are not known').first().waitFor()
    await enter('open sesame, please')
    await guarded.locator('[data-test=lines-in]').waitFor()
    expect(await guarded.getByLabel('The collector asks for a token').count()).toBe(0)
    // Whose token is a viewer's changes nothing.
    await guarded.goto(`${scene.url}#/delivery`)
    await guarded.getByRole('button', { name: 'Drop all' }).click()
    await guarded.getByRole('alertdialog').getByRole('button', { name: 'Drop', exact: true }).click()
    await guarded.getByText('a viewer may change nothing').waitFor()
    await context.close()
    await scene.setApi(`{ listen: "${host}:${port}" }`)
  })

  test('the configuration shows no secret', async () => {
    await show('configuration')
    await page
      .getByText('password: "***"')
      .or(page.getByText("'***'"))
      .or(page.getByText('password: ***'))
      .first()
      .waitFor()
    expect(await page.content()).not.toContain('correct horse')
  })

  test.each(
    (['light', 'dark'] as const).flatMap((scheme) => [390, 1280].map((width) => ({ scheme, width }))),
  )('every page is fit for everybody, $scheme, $width px wide', async ({ scheme, width }) => {
    await page.setViewportSize({ width, height: 800 })
    await page.emulateMedia({ colorScheme: scheme })
    for (const path of pages) {
      await show(path)
      if (path === 'tail') {
        await page.getByText('live', { exact: true }).waitFor()
        web.write('stdout', 'WARN something to look at\n')
        await page.locator('.line.warn').first().click()
      } else await page.locator('main .panel, main .node').first().waitFor()
      expect([path, await seriousFindings(page)]).toEqual([path, []])
      expect([path, await page.evaluate('document.documentElement.scrollWidth - innerWidth')]).toEqual([path, 0])
    }
    expect(complaints).toEqual([])
  })
})

/** What the checker finds to be serious, or worse. */
async function seriousFindings(page: Page): Promise<string[]> {
  // As a debugger's expression: the page's policy is for what the page does.
  if (!(await page.evaluate('"axe" in window'))) await page.evaluate(axe.source)
  const { violations } = await page.evaluate<axe.AxeResults>('axe.run()')
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`)
}
