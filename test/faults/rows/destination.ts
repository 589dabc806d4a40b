import { inTurn, type Misbehaviour } from '../../receivers/loki/misbehaviour.ts'
import type { Row } from '../row.ts'
import type { CollectorOptions, Scene } from '../scene.ts'

const writers = { containers: 3, lines: 15_000, paced: { burst: 40, pauseMs: 30 } }

/** Where a destination gives no answer, to see pushes given up and sent again within the run. An answer that comes later than that, on a busy machine, doubles lines. */
const impatient = { sink: 'timeout: 2s' }

async function misbehave(scene: Scene, misbehaviour: Misbehaviour, options: CollectorOptions = {}): Promise<void> {
  await scene.startAndConnect(options)
  await scene.write(writers)
  await scene.pause(1_000, 2_000)
  scene.receiver.misbehave(misbehaviour)
  await scene.pause(8_000, 12_000)
  scene.receiver.behave()
}

const answers = (...statuses: number[]): Misbehaviour => ({
  kind: 'answers',
  answers: inTurn(statuses.map((status) => ({ status, text: `a status of ${status}` }))),
})

export const destinationRows: readonly Row[] = [
  {
    name: 'silent',
    what: 'the destination takes connections and never answers, for some 10 s',
    engine: 'real',
    run: (scene) => misbehave(scene, { kind: 'silent' }, impatient),
  },
  {
    name: 'cut-request',
    what: 'the destination cuts every request in its middle, for some 10 s',
    engine: 'real',
    run: (scene) => misbehave(scene, { kind: 'cut request' }),
  },
  {
    name: 'statuses',
    what: 'the destination answers 429, 500, 503 in turn, for some 10 s',
    engine: 'real',
    run: (scene) => misbehave(scene, answers(429, 500, 503)),
  },
  {
    name: 'refused-for-good',
    what: 'the destination answers 400 and 413 in turn, for some 10 s; then `dlq replay --all`',
    engine: 'real',
    reorders: true,
    async run(scene) {
      await misbehave(scene, answers(400, 413))
      await scene.end('SIGTERM')
      const { letters } = JSON.parse(await scene.command('dlq', 'list', '--json')) as { letters: unknown[] }
      scene.notes.push(`${letters.length} dead letters, sent again by \`dlq replay\``)
      await scene.command('dlq', 'replay', '--all', '--rate', '1000000')
      await scene.start()
    },
  },
  {
    name: 'slow',
    what: 'the destination reads 1 KB/s, for some 10 s',
    engine: 'real',
    makesDoubles: true,
    run: (scene) => misbehave(scene, { kind: 'slow', bytesPerSecond: 1_000 }, impatient),
  },
  {
    name: 'flapping',
    what: 'the destination goes away and returns 15 times within 15 s',
    engine: 'real',
    makesDoubles: true,
    async run(scene) {
      await scene.startAndConnect({})
      await scene.write(writers)
      for (let i = 0; i < 15; i++) {
        await scene.pause(100, 900)
        await scene.receiver.goDown()
        await scene.pause(100, 900)
        await scene.receiver.comeBack()
      }
    },
  },
  {
    name: 'answer-lost',
    what: 'the destination stores, and its answer is lost, for some 10 s: the honest source of doubles',
    engine: 'real',
    makesDoubles: true,
    run: (scene) => misbehave(scene, { kind: 'lose answer' }, impatient),
  },
  {
    name: 'two-sinks-one-dead',
    what: 'a second destination that is dead for the whole run, its queue full (drop_oldest)',
    engine: 'real',
    exitStatus: 1,
    async run(scene) {
      const dead = 'type: loki, inputs: [engine], url: "http://127.0.0.1:9"'
      await scene.startAndConnect({
        more: [`dead: { ${dead}, queue: { memory: 1MiB, disk: 2MiB, when_full: drop_oldest } }`],
      })
      await scene.write({ containers: 3, lines: 20_000, paced: { burst: 100, pauseMs: 30 } })
    },
  },
]
