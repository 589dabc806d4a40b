import type { Row } from '../row.ts'
import type { Scene, Writers } from '../scene.ts'

const rotating = (size: string, files: number) => ({
  HostConfig: { LogConfig: { Type: 'json-file', Config: { 'max-size': size, 'max-file': String(files) } } },
})

async function simply(scene: Scene, writers: Writers, truth: 'written' | 'engine' = 'written'): Promise<void> {
  await scene.startAndConnect({})
  const ids = await scene.write(writers, truth)
  if (truth === 'written') return
  await scene.takeTruthOfEngine(ids)
}

export const logRows: readonly Row[] = [
  {
    name: 'rotation-paced',
    what: 'files of 100 KB, three of them, some 2,000 lines a second and container',
    engine: 'real',
    run: (scene) =>
      simply(scene, {
        ...{ containers: 3, lines: 10_000, paced: { burst: 20, pauseMs: 15 }, body: rotating('100k', 3) },
      }),
  },
  {
    name: 'rotation-full-speed',
    what: 'files of 100 KB, three of them, at full speed: what the engine still has in the end is the truth',
    engine: 'real',
    run: (scene) => simply(scene, { containers: 3, lines: 40_000, body: rotating('100k', 3) }, 'engine'),
  },
  {
    name: 'rotation-one-file',
    what: 'one file of 100 KB, some 2,000 lines a second and container',
    engine: 'real',
    run: (scene) =>
      simply(scene, {
        ...{ containers: 3, lines: 10_000, paced: { burst: 20, pauseMs: 15 }, body: rotating('100k', 1) },
      }),
  },
  {
    name: 'rotation-held-back',
    what: 'five files of 1 MB; the destination and its queue are full for 8 s, 3 MB are written meanwhile',
    engine: 'real',
    async run(scene) {
      await scene.receiver.goDown()
      await scene.startAndConnect({ sink: 'queue: { memory: 1MiB, disk: 0 }' })
      await scene.write({
        ...{ containers: 1, lines: 12_000, paced: { burst: 50, pauseMs: 25 }, body: rotating('1m', 5) },
      })
      await scene.pause(8_000)
      await scene.receiver.comeBack()
    },
  },
  {
    name: 'one-file-behind',
    what: 'one file of 300 KB, full several times a second, and a destination that takes a part of it for 8 s',
    engine: 'real',
    async run(scene) {
      const queue = 'queue: { memory: 1MiB, disk: 1GiB }'
      await scene.startAndConnect({ sink: `concurrency: 1, batch: { max_bytes: 50KiB }, ${queue}` })
      await scene.write({
        ...{ containers: 2, lines: 50_000, paced: { burst: 100, pauseMs: 15 }, body: rotating('300k', 1) },
      })
      await scene.pause(2_000)
      scene.receiver.misbehave({ kind: 'slow', bytesPerSecond: 20_000 })
      await scene.pause(8_000)
      scene.receiver.behave()
    },
  },
  {
    name: 'long-lines',
    what: 'lines of 1 MiB',
    engine: 'real',
    padding: { minPaddingBytes: 1_048_500, spreadBytes: 40 },
    run: (scene) => simply(scene, { containers: 2, lines: 40 }),
  },
  {
    name: 'tty',
    what: 'containers with a terminal',
    engine: 'real',
    run: (scene) =>
      simply(scene, {
        ...{ containers: 3, lines: 5_000, paced: { burst: 20, pauseMs: 10 }, streams: ['stdout'], body: { Tty: true } },
      }),
  },
  {
    name: 'removed-at-exit',
    what: '30 containers of 0.3 s that are removed at their exit (--rm)',
    engine: 'real',
    async run(scene) {
      await scene.startAndConnect({})
      for (let i = 0; i < 10; i++)
        await scene.write({
          ...{ containers: 3, lines: 60, paced: { burst: 6, pauseMs: 30 } },
          body: { HostConfig: { AutoRemove: true } },
        })
    },
  },
]
