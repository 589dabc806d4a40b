import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { staticBusybox } from '../../scripts/engine-packages.mjs'

export const testImage = 'log-capturer/busybox:test'

/** What the engine is asked to create: a container that runs a shell script. */
export function shellContainer(script: string, more: object = {}): object {
  return { Image: testImage, Cmd: ['sh', '-c', script], ...more }
}

/** A tar of the test image: a busybox with all its names, and nothing else. `workFolder` is used and removed. */
export function makeImage(workFolder: string): Buffer {
  const busybox = staticBusybox()
  if (busybox === undefined) throw new Error('there is no static busybox: install the package busybox-static')
  for (const name of ['bin', 'etc', 'tmp', 'proc', 'sys', 'dev', 'root'])
    mkdirSync(join(workFolder, name), { recursive: true })
  copyFileSync(busybox, join(workFolder, 'bin', 'busybox'))
  chmodSync(join(workFolder, 'bin', 'busybox'), 0o755)
  const names = execFileSync(busybox, ['--list'], { encoding: 'utf8' }).split('\n').filter(Boolean)
  for (const name of names) if (name !== 'busybox') symlinkSync('busybox', join(workFolder, 'bin', name))
  writeFileSync(join(workFolder, 'etc', 'passwd'), 'root:x:0:0:root:/root:/bin/sh\n')
  const { status, stdout, stderr } = spawnSync(
    'tar',
    ['-C', workFolder, '--owner=0', '--group=0', '--numeric-owner', '-c', '.'],
    { maxBuffer: 64 * 1024 * 1024 },
  )
  if (status !== 0) throw new Error(`tar could not pack the test image: ${stderr.toString()}`)
  rmSync(workFolder, { recursive: true })
  return stdout
}
