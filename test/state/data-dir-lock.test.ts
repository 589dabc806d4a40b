import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DataDirLock } from '../../src/state/data-dir-lock.ts'
import { ensureBuilt } from '../helpers/command.ts'
import { until } from '../helpers/until.ts'

const folder = mkdtempSync(join(tmpdir(), 'lock-'))

beforeAll(ensureBuilt)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('a collector in another container, whose number is nobody here, keeps its data_dir; what it left when it was killed does not', async () => {
  const module = new URL('../../dist/state/data-dir-lock.js', import.meta.url).href
  const program = `await (await import('${module}')).DataDirLock.open('${folder}'); console.log('held'); setInterval(() => {}, 1000)`
  const words = [
    '--pid',
    '--fork',
    '--kill-child',
    '--mount-proc',
    process.execPath,
    '--input-type=module',
    '-e',
    program,
  ]
  const other = spawn('unshare', ['--user', '--map-root-user', ...words], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(other.stdout, 'data')
  await expect(DataDirLock.open(folder)).rejects.toThrow('is in use by process 1')
  other.kill('SIGKILL')
  await once(other, 'close')
  let lock: DataDirLock | undefined
  await until('it is let go', async () => {
    lock = await DataDirLock.open(folder).catch(() => undefined)
    return lock !== undefined
  })
  expect(readdirSync(folder).filter((name) => name.endsWith('.socket'))).toHaveLength(1)
  await lock![Symbol.asyncDispose]()
  expect(readdirSync(folder)).toEqual([])
})
