import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ConfigInput } from '../config/input.ts'
import { createLog } from '../telemetry/log.ts'
import { watchConfig } from './watch-config.ts'

let folder: string
let changes: number
let watching: Disposable | undefined

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'watch-'))
  changes = 0
})
afterEach(() => {
  watching?.[Symbol.dispose]()
  rmSync(folder, { recursive: true })
})

const at = (name: string) => join(folder, name)
const file = (name: string): ConfigInput => ({ kind: 'files', files: [at(name)] })
function start(input: ConfigInput): void {
  watching = watchConfig(input, { onChanged: () => (changes += 1), log: createLog('silent') })
}
const seen = (count: number) => expect.poll(() => changes, { timeout: 5_000 }).toBe(count)

test('a file that is written in pieces is one change; touching it is none', async () => {
  writeFileSync(at('a.yaml'), 'one')
  start(file('a.yaml'))
  for (const text of ['t', 'tw', 'two']) writeFileSync(at('a.yaml'), text)
  await seen(1)
  utimesSync(at('a.yaml'), 1, 1)
  writeFileSync(at('a.yaml'), 'two')
  writeFileSync(at('unrelated'), 'x')
  // What brings no news cannot be waited for; the next change counts as the second.
  writeFileSync(at('a.yaml'), 'three')
  await seen(2)
})

test('an editor that puts a new file in the place of the old one', async () => {
  writeFileSync(at('a.yaml'), 'one')
  start(file('a.yaml'))
  for (const [i, text] of ['two', 'three'].entries()) {
    writeFileSync(at('a.yaml~'), text)
    renameSync(at('a.yaml~'), at('a.yaml'))
    await seen(i + 1)
  }
})

test('a folder that Kubernetes swaps behind its link, again and again', async () => {
  const publish = (version: string) => {
    mkdirSync(at(version))
    writeFileSync(join(at(version), 'a.yaml'), version)
    symlinkSync(version, at('..data_new'))
    renameSync(at('..data_new'), at('..data'))
  }
  publish('..1')
  symlinkSync('..data/a.yaml', at('a.yaml'))
  start({ kind: 'directory', directory: folder })
  for (const version of [2, 3]) {
    publish(`..${version}`)
    await seen(version - 1)
    rmSync(at(`..${version - 1}`), { recursive: true })
  }
})

test('somebody who writes into the same folder all the time is not in the way', async () => {
  writeFileSync(at('a.yaml'), 'one')
  start(file('a.yaml'))
  const writing = setInterval(() => writeFileSync(at('app.log'), 'line', { flag: 'a' }), 20)
  try {
    writeFileSync(at('a.yaml'), 'two')
    await seen(1)
  } finally {
    clearInterval(writing)
  }
})

test('the file that a link leads to', async () => {
  mkdirSync(at('elsewhere'))
  writeFileSync(at('elsewhere/real.yaml'), 'one')
  symlinkSync('elsewhere/real.yaml', at('a.yaml'))
  start(file('a.yaml'))
  writeFileSync(at('elsewhere/real.yaml'), 'two')
  await seen(1)
})

test('a secret that it refers to', async () => {
  mkdirSync(at('secrets'))
  writeFileSync(at('secrets/token'), 'one')
  writeFileSync(at('a.yaml'), `token: \${file:${at('secrets/token')}}`)
  start(file('a.yaml'))
  writeFileSync(at('secrets/token'), 'two')
  await seen(1)
})

test('a file that goes and comes, and one that is added to a directory', async () => {
  writeFileSync(at('a.yaml'), 'one')
  start({ kind: 'directory', directory: folder })
  rmSync(at('a.yaml'))
  await seen(1)
  writeFileSync(at('b.yml'), 'two')
  await seen(2)
})

test('nothing is left open', async () => {
  writeFileSync(at('a.yaml'), 'one')
  const open = () => process.getActiveResourcesInfo().filter((type) => type === 'FSEventWrap').length
  await expect.poll(open).toBe(0)
  start(file('a.yaml'))
  expect(open()).toBe(1)
  watching![Symbol.dispose]()
  await expect.poll(open).toBe(0)
})
