import type { Row } from '../row.ts'
import type { Scene } from '../scene.ts'

const writers = { containers: 3, lines: 12_000, paced: { burst: 40, pauseMs: 30 } }

async function kill(scene: Scene, times: number): Promise<void> {
  for (let i = 0; i < times; i++) {
    await scene.start()
    await scene.pause(250, 900)
    await scene.end('SIGKILL')
  }
  await scene.start()
}

export const collectorRows: readonly Row[] = [
  {
    name: 'sigkill-files',
    what: 'the collector killed 20 times at random moments; file sink',
    engine: 'real',
    async run(scene) {
      scene.configure({ isToFiles: true })
      await scene.write(writers)
      await kill(scene, 20)
    },
  },
  {
    name: 'sigkill-loki',
    what: 'the collector killed 20 times at random moments; what it had sent and nobody had confirmed is sent again',
    engine: 'real',
    makesDoubles: true,
    async run(scene) {
      scene.configure({ sink: 'batch: { max_age: 100ms }' })
      await scene.write(writers)
      await kill(scene, 20)
    },
  },
  {
    name: 'sigkill-backlog',
    what: 'killed 10 times with a backlog on disk, the destination away; then it returns',
    engine: 'real',
    makesDoubles: true,
    async run(scene) {
      await scene.receiver.goDown()
      scene.configure({ sink: 'queue: { memory: 1MiB, disk: 200MiB }' })
      await scene.write({ containers: 3, lines: 30_000, paced: { burst: 100, pauseMs: 30 } })
      await kill(scene, 10)
      await scene.receiver.comeBack()
    },
  },
  {
    name: 'sigterm',
    what: 'the collector ended by SIGTERM under load, 8 times',
    engine: 'real',
    async run(scene) {
      scene.configure({})
      await scene.write(writers)
      for (let i = 0; i < 8; i++) {
        await scene.startAndConnect()
        await scene.pause(300, 1_200)
        await scene.end('SIGTERM')
      }
      await scene.start()
    },
  },
  {
    name: 'reload',
    what: 'the configuration changed and read again every second, 15 times, under load',
    engine: 'real',
    async run(scene) {
      await scene.start({})
      await scene.write({ containers: 3, lines: 20_000, paced: { burst: 40, pauseMs: 30 } })
      for (let i = 0; i < 15; i++) {
        await scene.pause(1_000)
        scene.configure({ sink: `batch: { max_age: ${200 + 100 * (i % 3)}ms }, queue: { memory: ${8 + (i % 2)}MiB }` })
        scene.collector.send('SIGHUP')
      }
    },
  },
]
