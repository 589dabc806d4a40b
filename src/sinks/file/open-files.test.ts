import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { OpenFiles } from './open-files.ts'

const folder = mkdtempSync(join(tmpdir(), 'open-files-'))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('files that nothing is written to are closed, but for what the disk has not confirmed, and are written on when lines come again', async () => {
  let open = 0
  await using files = new OpenFiles((count) => (open = count))
  const paths = ['a', 'b', 'c'].map((name) => join(folder, name))
  const [a, , c] = await files.take(paths)
  await files.append(a!, Buffer.from('1\n'))
  await files.confirm()
  await files.append(c!, Buffer.from('2\n'))
  await files.closeIdle(60_000)
  expect(open).toBe(3)
  await files.closeIdle(0)
  expect(open).toBe(1)
  await files.confirm()
  await files.closeIdle(0)
  expect(open).toBe(0)
  const [again] = await files.take([paths[0]!])
  await files.append(again!, Buffer.from('3\n'))
  await files.confirm()
  expect(readFileSync(paths[0]!, 'utf8')).toBe('1\n3\n')
})
