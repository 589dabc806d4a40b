import { expect, test } from 'vitest'
import { CollectingSource } from '../helpers/collected.ts'
import { describeWithEngine } from '../helpers/describe-with-engine.ts'
import { testImage } from '../helpers/engine-image.ts'
import { RealEngine } from '../helpers/real-engine.ts'
import { until } from '../helpers/until.ts'

const containers = 50
const linesPerRun = 500
const runs = 4

/** Writes numbered lines on both streams, in four runs of one container, and goes on from where the last run came to. */
const writer = [
  'touch /count; read i < /count; i=${i:-0}; end=$((i+500))',
  'while [ $i -lt $end ]; do echo $i; echo $i >&2; i=$((i+1)); echo $i > /count; [ $((i%25)) = 0 ] && usleep 20000; done',
  'sleep 1000 & wait',
].join('\n')

describeWithEngine('a docker source, while containers and engine come and go', () => {
  test('50 containers, both streams, 3 restarts each, an engine restart and a SIGKILL: no line missing, none twice, all in order', async () => {
    await using engine = await RealEngine.open({ isLiveRestore: true })
    await using source = await CollectingSource.open({ host: engine.host })
    await until('the source is connected', () => source.status.isConnected)
    const names = Array.from({ length: containers }, (_, i) => `writer-${i}`)
    const script = writer
    const ids = await Promise.all(
      names.map((name) => engine.client.create({ Image: testImage, Cmd: ['sh', '-c', script] }, name)),
    )
    const hasWritten = (run: number) => () =>
      names.every(
        (name) =>
          source.texts(name).length >= run * linesPerRun && source.texts(name, 'stderr').length >= run * linesPerRun,
      )
    const seen = () => names.map((name) => source.texts(name).length)
    await Promise.all(ids.map((id) => engine.client.act(id, 'start')))
    await engine.restart()
    await until('the first run is written', hasWritten(1), { withinMs: 60_000, seen })
    for (let run = 2; run <= runs; run++) {
      await Promise.all(ids.map((id) => engine.client.act(id, 'restart', { t: 0 })))
      if (run === 3) {
        await engine.kill()
        await engine.start()
      }
      await until(`run ${run} is written`, hasWritten(run), { withinMs: 60_000, seen })
    }
    const expected = Array.from({ length: runs * linesPerRun }, (_, i) => String(i))
    for (const name of names) {
      expect(source.texts(name), `${name} stdout`).toEqual(expected)
      expect(source.texts(name, 'stderr'), `${name} stderr`).toEqual(expected)
    }
  }, 240_000)
})
