import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Hono } from 'hono'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { PageFiles, safeHeaders } from './page-files.ts'

let folder: string
let app: Hono

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'page-files-'))
  mkdirSync(join(folder, 'assets'))
  writeFileSync(
    join(folder, 'files.json'),
    JSON.stringify([
      { path: 'index.html', type: 'text/html', etag: '"1"', isImmutable: false },
      { path: 'assets/a.js', type: 'text/javascript', etag: '"2"', isImmutable: true },
    ]),
  )
  for (const path of ['index.html', 'assets/a.js'])
    for (const suffix of ['', '.gz', '.br']) writeFileSync(join(folder, `${path}${suffix}`), `${path}${suffix}`)
  writeFileSync(join(folder, 'secret'), 'is in no list')
  const page = new PageFiles(pathToFileURL(`${folder}/`))
  app = new Hono()
  app.use(safeHeaders)
  app.notFound(async (context) => (await page.answer(context)) ?? context.text('nothing', 404))
})
afterEach(() => rmSync(folder, { recursive: true }))

const get = (path: string, headers: Record<string, string> = {}) => app.request(path, { headers })

test.each([
  ['', 'index.html', null],
  ['gzip', 'index.html.gz', 'gzip'],
  ['gzip, deflate, br;q=0.9', 'index.html.br', 'br'],
  ['zstd', 'index.html', null],
])('whoever accepts "%s" gets %s', async (accepted, content, encoding) => {
  const answer = await get('/', { 'accept-encoding': accepted })
  expect([answer.status, await answer.text(), answer.headers.get('content-encoding')]).toEqual([200, content, encoding])
  expect(answer.headers.get('content-type')).toBe('text/html')
})

test('what has not changed is not sent again; what never changes is not asked for again', async () => {
  expect((await get('/', { 'if-none-match': '"1"' })).status).toBe(304)
  expect((await get('/', { 'if-none-match': '"0"' })).headers.get('cache-control')).toBe('no-cache')
  expect((await get('/assets/a.js')).headers.get('cache-control')).toContain('immutable')
})

test('whoever asks for the head gets it', async () => {
  const answer = await app.request('/', { method: 'HEAD' })
  expect([answer.status, await answer.text()]).toEqual([200, ''])
})

test.each([
  '/secret',
  '/../secret',
  '/%2e%2e/secret',
  '/assets/%2e%2e/secret',
  '/index.html.gz',
  '/files.json',
  '/assets/',
])('%s is not there', async (path) => {
  expect((await get(path)).status).toBe(404)
})

test('no script runs but what is shipped, and nobody frames the page', async () => {
  const policy = (await get('/')).headers.get('content-security-policy')!
  expect(policy).toContain("script-src 'self'")
  expect(policy).toContain("frame-ancestors 'none'")
  expect(policy).not.toContain('unsafe')
  expect((await get('/nothing')).headers.get('x-content-type-options')).toBe('nosniff')
})

test('a page that was not built is not there', async () => {
  const page = new PageFiles(pathToFileURL(`${folder}/none/`))
  app = new Hono()
  app.notFound(async (context) => (await page.answer(context)) ?? context.text('nothing', 404))
  expect((await get('/')).status).toBe(404)
})
