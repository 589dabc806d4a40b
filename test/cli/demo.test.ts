import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ensureBuilt, RunningCommand } from '../helpers/command.ts'
import { until } from '../helpers/until.ts'

const folder = mkdtempSync(join(tmpdir(), 'demo-test-'))
beforeAll(() => ensureBuilt())
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('demo says that no engine answers, collects from a simulated one, and tells the totals', async () => {
  const env = { DOCKER_HOST: `unix://${folder}/nobody.sock` }
  await using demo = new RunningCommand(['demo'], { folder, env }).readOutput()
  await demo.said('Ctrl-C ends')
  expect(demo.stdout).toMatch(/^no container engine answers \(DOCKER_HOST\), so this is a simulated one/)
  const logs = join(folder, 'log-capturer-demo', 'logs')
  await until('there are files of several containers', () => existsSync(logs) && readdirSync(logs).length > 4, {
    seen: () => demo.stderr,
  })
  demo.send('SIGINT')
  expect(await demo.status()).toBe(0)
  const totals = /^([\d,]+) lines in, ([\d,]+) lines out, ([\d,]+) streams opened, ([\d,]+) streams closed$/m
  const [, linesIn, linesOut, opened, closed] = totals.exec(demo.stdout)!
  expect(linesOut).toBe(linesIn)
  expect(closed).toBe(opened)
  expect(demo.stderr).toBe('')
})
