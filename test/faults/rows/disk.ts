import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Row } from '../row.ts'
import type { Disk, Scene } from '../scene.ts'

const writers = { containers: 3, lines: 20_000, paced: { burst: 60, pauseMs: 20 } }
const spilling = { sink: 'queue: { memory: 1MiB, disk: 500MiB }' }

/** The destination is away and lines go to a disk of 4 MB: `harm` does something to it, `mend` undoes that, and the destination returns. */
async function spill(scene: Scene, harm: (disk: Disk) => void, mend: (disk: Disk) => void): Promise<void> {
  const disk = scene.mount('queues', '64m')
  await scene.receiver.goDown()
  await scene.startAndConnect(spilling)
  await scene.write(writers)
  await scene.pause(1_500, 2_500)
  harm(disk)
  await scene.pause(5_000, 7_000)
  mend(disk)
  await scene.pause(500)
  await scene.receiver.comeBack()
}

/** Makes each sync of a file take as long as on a disk that is busy with something else. */
function slowSyncs(scene: Scene): Readonly<Record<string, string>> {
  const hook = join(scene.folder, 'slow-syncs.mjs')
  writeFileSync(
    hook,
    `import fs from 'node:fs'
import { open } from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
const delayMs = 300
const wait = () => new Promise((resolve) => setTimeout(resolve, delayMs))
const handle = await open(import.meta.filename)
const prototype = Object.getPrototypeOf(handle)
await handle.close()
for (const name of ['sync', 'datasync']) {
  const original = prototype[name]
  prototype[name] = async function () { await wait(); return original.call(this) }
}
for (const name of ['fsync', 'fdatasync']) {
  const original = fs[name]
  fs[name] = (descriptor, done) => setTimeout(() => original(descriptor, done), delayMs)
}
syncBuiltinESMExports()
`,
  )
  return { NODE_OPTIONS: `--import=${pathToFileURL(hook).href}` }
}

export const diskRows: readonly Row[] = [
  {
    name: 'disk-full',
    what: 'the file system of the disk queue full for some 6 s while lines go there, the destination away',
    engine: 'real',
    run: (scene) =>
      spill(
        scene,
        (disk) => disk.fill(),
        (disk) => disk.free(),
      ),
  },
  {
    name: 'disk-too-small',
    what: 'the file system of the disk queue smaller than what it is to take; the destination returns',
    engine: 'real',
    async run(scene) {
      scene.mount('queues', '2m')
      await scene.receiver.goDown()
      await scene.start(spilling)
      await scene.write(writers)
      await scene.pause(6_000, 8_000)
      await scene.receiver.comeBack()
    },
  },
  {
    name: 'disk-read-only',
    what: 'the file system of the disk queue read-only for some 6 s while lines go there, the destination away',
    engine: 'real',
    run: (scene) =>
      spill(
        scene,
        (disk) => disk.remount('ro'),
        (disk) => disk.remount('rw'),
      ),
  },
  {
    name: 'slow-sync',
    what: 'each sync of a file takes 300 ms longer (a hook in the process), the destination away for some 8 s',
    engine: 'real',
    async run(scene) {
      await scene.receiver.goDown()
      await scene.start({ ...spilling, env: slowSyncs(scene) })
      await scene.write(writers)
      await scene.pause(7_000, 9_000)
      await scene.receiver.comeBack()
    },
  },
]
