import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { sleep } from '../../src/lib/wait.ts'
import { SeededRandom } from '../../src/simulator/random.ts'
import { ensureBuilt, RunningCommand } from '../helpers/command.ts'
import { describeWithEngine } from '../helpers/describe-with-engine.ts'
import { testImage } from '../helpers/engine-image.ts'
import { RealEngine } from '../helpers/real-engine.ts'
import { until } from '../helpers/until.ts'

const kills = 20
const containers = 5
const lines = 8_000

describeWithEngine('a collector that is killed', () => {
  beforeAll(ensureBuilt, 120_000)

  test(`with SIGKILL ${kills} times at random moments delivers every line once, in order`, async () => {
    const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000)
    process.stderr.write(`SEED=${seed}\n`)
    const random = new SeededRandom(seed)
    const folder = mkdtempSync(join(tmpdir(), 'killed-'))
    await using engine = await RealEngine.open()
    const configuration = join(folder, 'log-capturer.yaml')
    writeFileSync(
      configuration,
      [
        `data_dir: ${folder}/state`,
        `sources: { engine: { type: docker, host: "${engine.host}" } }`,
        `sinks: { disk: { type: file, inputs: [engine], path: "${folder}/logs/{container.name}.{stream}.log", format: text, rotate: { size: 20KiB } } }`,
        'api: { listen: off }',
      ].join('\n'),
    )
    const script = `i=0; while [ $i -lt ${lines} ]; do echo $i; echo $i >&2; i=$((i+1)); [ $((i%20)) = 0 ] && usleep 40000; done`
    const names = Array.from({ length: containers }, (_, i) => `writer-${i}`)
    for (const name of names)
      await engine.client.act(
        await engine.client.create({ Image: testImage, Cmd: ['sh', '-c', script] }, name),
        'start',
      )
    for (let kill = 0; kill < kills; kill++) {
      await using collector = new RunningCommand(['run', '-c', configuration], {})
      await sleep(200 + random.next() * 800, new AbortController().signal)
      collector.send('SIGKILL')
    }
    await using last = new RunningCommand(['run', '-c', configuration], {})
    await last.said('connected to the engine')
    const files = names.flatMap((name) => [`${name}.stdout`, `${name}.stderr`])
    const live = (file: string) =>
      existsSync(join(folder, 'logs', `${file}.log`)) ? readFileSync(join(folder, 'logs', `${file}.log`), 'utf8') : ''
    await until('all last lines are there', () => files.every((file) => live(file).endsWith(`\n${lines - 1}\n`)), {
      withinMs: 60_000,
      seen: () => files.map((file) => live(file).slice(-20)),
    })
    last.send('SIGTERM')
    expect(await last.status()).toBe(0)
    const expected = Array.from({ length: lines }, (_, i) => String(i))
    for (const file of files) expect(whole(folder, file), file).toEqual(expected)
    rmSync(folder, { recursive: true })
  }, 180_000)
})

/** The lines of a file and of those that were put aside before it, in the order in which they were written. */
function whole(folder: string, file: string): string[] {
  const list = JSON.parse(readFileSync(join(folder, 'state', 'sinks', 'disk', 'rotated.json'), 'utf8')) as {
    base: string
    path: string
  }[]
  const live = join(folder, 'logs', `${file}.log`)
  const paths = [...list.filter(({ base }) => base === live).map(({ path }) => path), live]
  return paths.flatMap((path) => readFileSync(path, 'utf8').split('\n').slice(0, -1))
}
