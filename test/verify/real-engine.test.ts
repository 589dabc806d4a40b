import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Verdict } from '../../src/verify/verify.ts'
import { RunningCollector } from '../helpers/collector.ts'
import { command, ensureBuilt } from '../helpers/command.ts'
import { describeWithEngine } from '../helpers/describe-with-engine.ts'
import { testImage } from '../helpers/engine-image.ts'
import { RealEngine } from '../helpers/real-engine.ts'
import { until } from '../helpers/until.ts'

describeWithEngine('verify on a real engine', () => {
  let engine: RealEngine
  let folder: string

  beforeAll(async () => {
    ensureBuilt()
    engine = await RealEngine.open()
    folder = mkdtempSync(join(tmpdir(), 'verify-'))
  })
  afterAll(async () => {
    await engine[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true, force: true })
  })

  test('both streams, long lines, a TTY and last words are whole, and a line taken out is found', async () => {
    const script = [
      'i=0; while [ $i -lt 500 ]; do echo "out $i"; echo "err $i" >&2; i=$((i+1)); done',
      'for n in 16384 51200 1000000; do head -c $n /dev/zero | tr "\\0" x; echo; done; printf "no line feed"',
    ].join(';')
    for (const [name, Tty] of Object.entries({ plain: false, terminal: true })) {
      const id = await engine.client.create({ Image: testImage, Cmd: ['sh', '-c', script], Tty }, name)
      await engine.client.act(id, 'start')
      await engine.client.wait(id)
    }
    const text = `data_dir: ${folder}/state
sources: { engine: { type: docker, host: "${engine.host}" } }
sinks: { out: { type: file, inputs: [engine], path: "${folder}/out.ndjson", sync_every: 10ms } }
api: { listen: off }
`
    writeFileSync(join(folder, 'config.yaml'), text)
    const collector = await RunningCollector.open(() => text, folder)
    await until('all lines are delivered', async () => (await collector.metric('logs_sent_total')) >= 2_008)
    await collector.stop()
    await collector[Symbol.asyncDispose]()

    const words = ['verify', '-c', 'config.yaml', '--settle', '0ms']
    const good = command(words, { folder })
    expect(good).toMatchObject({ status: 0, stderr: '' })
    expect(good.stdout).toContain('OK: 2008 lines of 3 streams')

    const path = join(folder, 'out.ndjson')
    const lines = readFileSync(path, 'utf8').split('\n')
    writeFileSync(path, lines.filter((line) => !line.includes('xxxx') || line.length > 40_000).join('\n'))
    const bad = command([...words, '--json', '--container', 'plain'], { folder })
    const { streams } = JSON.parse(bad.stdout) as Verdict
    expect(bad.status).toBe(1)
    const differing = streams.filter(({ missing }) => missing > 0)
    expect(differing).toMatchObject([{ stream: 'stdout', missing: 1, doubled: 0, altered: 0, outOfOrder: 0 }])
    expect(differing[0]!.examples[0]!.text).toMatch(/^x+$/)
  }, 60_000)
})
