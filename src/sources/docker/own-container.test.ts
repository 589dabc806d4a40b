import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ownContainerId } from './own-container.ts'

const id = 'f'.repeat(64)
const other = 'a'.repeat(64)
let folder: string
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'proc-'))))
afterEach(() => rmSync(folder, { recursive: true }))

const cases: [name: string, cgroup: string, mounts: string, expected: string | undefined][] = [
  ['cgroup v1', `12:cpu:/docker/${id}\n`, '', id],
  ['systemd slices', `0::/system.slice/docker-${id}.scope\n`, '', id],
  ['podman', `0::/machine.slice/libpod-${id}.scope/container\n`, '', id],
  [
    'cgroup v2 with a namespace of its own',
    '0::/\n',
    `400 390 0:50 / / rw - overlay overlay rw\n610 400 8:1 /var/lib/docker/containers/${id}/hostname /etc/hostname rw - ext4 /dev/sda1 rw\n`,
    id,
  ],
  [
    'a host that mounts other containers’ folders',
    '0::/init.scope\n',
    `500 1 8:1 /var/lib/docker/containers/${other}/x /mnt/x rw - ext4 /dev/sda1 rw\n`,
    undefined,
  ],
  ['a host', '0::/user.slice/session-1.scope\n', '22 1 8:1 / / rw - ext4 /dev/sda1 rw\n', undefined],
  ['a longer hexadecimal word', `0::/docker/${id}ff\n`, '', undefined],
]
test.each(cases)('%s', async (_name, cgroup, mounts, expected) => {
  writeFileSync(join(folder, 'cgroup'), cgroup)
  writeFileSync(join(folder, 'mountinfo'), mounts)
  expect(await ownContainerId(folder)).toBe(expected)
})

test('no /proc', async () => {
  expect(await ownContainerId(join(folder, 'none'))).toBeUndefined()
})
