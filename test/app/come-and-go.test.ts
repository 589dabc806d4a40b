import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { RunningCollector } from '../helpers/collector.ts'
import { describeWithEngine } from '../helpers/describe-with-engine.ts'
import { testImage } from '../helpers/engine-image.ts'
import { textsOf } from '../helpers/frames.ts'
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

/** The files that have fewer lines, and how many they have. */
function shortOf(folder: string, files: readonly string[], lines: number): Record<string, number> {
  const counts = files.map((file) => {
    const path = join(folder, 'logs', `${file}.ndjson`)
    return [file, existsSync(path) ? readFileSync(path, 'utf8').split('\n').length - 1 : 0] as const
  })
  return Object.fromEntries(counts.filter(([, count]) => count < lines))
}

describeWithEngine('a collector, while containers and engine come and go', () => {
  test('50 containers, both streams, 3 restarts each, an engine restart and a SIGKILL: no line missing, none twice, all in order', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'come-and-go-'))
    await using engine = await RealEngine.open({ isLiveRestore: true })
    const configuration = `
data_dir: ${folder}/state
sources: { engine: { type: docker, host: "${engine.host}" } }
sinks: { disk: { type: file, inputs: [engine], path: "${folder}/logs/{container.name}.{stream}.ndjson" } }
api: { listen: off }
`
    await using running = await RunningCollector.open(() => configuration, folder)
    await running.ready()
    const names = Array.from({ length: containers }, (_, i) => `writer-${i}`)
    const files = names.flatMap((name) => [`${name}.stdout`, `${name}.stderr`])
    const ids = await Promise.all(
      names.map((name) => engine.client.create({ Image: testImage, Cmd: ['sh', '-c', writer] }, name)),
    )
    /** What the engine has of a stream: one that goes away may lose a line that it had read and not written yet. */
    const truthOf = async (file: string) => {
      const [name, stream] = file.split('.') as [string, 'stdout' | 'stderr']
      return textsOf(await engine.client.logs(ids[names.indexOf(name)]!), stream).map((text) => text.trimEnd())
    }
    const isWhole = async (run: number) => {
      for (const [file, count] of Object.entries(shortOf(folder, files, run * linesPerRun))) {
        const truth = await truthOf(file)
        if (truth.at(-1) !== String(run * linesPerRun - 1) || truth.length !== count) return false
      }
      return true
    }
    const untilWritten = (run: number) =>
      until(`run ${run} is delivered`, () => isWhole(run), {
        withinMs: 150_000,
        seen: () => shortOf(folder, files, run * linesPerRun),
      })
    await Promise.all(ids.map((id) => engine.client.act(id, 'start')))
    await engine.restart()
    await untilWritten(1)
    for (let run = 2; run <= runs; run++) {
      await Promise.all(ids.map((id) => engine.client.act(id, 'restart', { t: 0 })))
      if (run === 3) {
        await engine.kill()
        await engine.start()
      }
      await untilWritten(run)
    }
    expect(await running.stop()).toEqual([])
    const written = Array.from({ length: runs * linesPerRun }, (_, i) => String(i))
    for (const file of files) {
      const truth = await truthOf(file)
      // On a busy machine an engine that was killed lacked 15 of 2,000; much more would be another fault.
      expect(truth.length, file).toBeGreaterThanOrEqual(0.9 * written.length)
      const records = readFileSync(join(folder, 'logs', `${file}.ndjson`), 'utf8')
        .split('\n')
        .slice(0, -1)
      expect(
        records.map((record) => (JSON.parse(record) as { message: string }).message),
        file,
      ).toEqual(truth)
    }
    rmSync(folder, { recursive: true })
  }, 500_000)
})
