import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Verdict } from '../../src/verify/verify.ts'
import { RunningCollector } from '../helpers/collector.ts'
import { command, ensureBuilt, RunningCommand } from '../helpers/command.ts'
import { describeWithEngine } from '../helpers/describe-with-engine.ts'
import { shellContainer } from '../helpers/engine-image.ts'
import { RealEngine } from '../helpers/real-engine.ts'
import { until } from '../helpers/until.ts'
import { generousLimits } from '../receivers/loki/limits.ts'
import { LokiReceiver } from '../receivers/loki/loki-receiver.ts'
import { entriesIn, lokiWith, type StoredEntry } from './stored-entries.ts'

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
      const id = await engine.client.run(shellContainer(script, { Tty }), name)
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

  /** Runs a container that ends by itself. */
  async function runContainer(name: string, script: string, host: object = {}): Promise<void> {
    const id = await engine.client.run(shellContainer(script, { HostConfig: host }), name)
    await engine.client.wait(id)
  }

  /** Beside the receiver of this process, which has to answer meanwhile. */
  async function verdictOf(words: readonly string[]) {
    const all = ['verify', '--settle', '0ms', '--json', ...words]
    await using program = new RunningCommand(all, { folder }).readOutput()
    const status = await program.status()
    if (program.stderr !== '') throw new Error(program.stderr)
    const verdict = JSON.parse(program.stdout) as Verdict
    const sum = (kind: 'missing' | 'doubled' | 'altered' | 'outOfOrder' | 'judged') =>
      verdict.streams.reduce((total, one) => total + one[kind], 0)
    const { missing, doubled, altered, outOfOrder, judged } = {
      ...{ missing: sum('missing'), doubled: sum('doubled'), altered: sum('altered') },
      ...{ outOfOrder: sum('outOfOrder'), judged: sum('judged') },
    }
    return { status, missing, doubled, altered, outOfOrder, judged, verdict }
  }

  test('what is in Loki is compared, of this collector and of another', async () => {
    await runContainer('loki', 'i=0; while [ $i -lt 3000 ]; do echo "out $i"; echo "err $i" >&2; i=$((i+1)); done')
    await using loki = await LokiReceiver.open({ limits: generousLimits })
    const configurationFor = ({ url }: LokiReceiver) => `data_dir: ${folder}/loki-state
sources: { engine: { type: docker, host: "${engine.host}", include: { names: [loki] } } }
sinks: { loki: { type: loki, inputs: [engine], url: "${url}" } }
api: { listen: off }
`
    await using collector = await RunningCollector.open(() => configurationFor(loki), folder)
    await until('all lines are delivered', () => loki.stored === 6_000)
    await collector.stop()
    const verifyIn = async (entries: readonly StoredEntry[]) => {
      await using other = await lokiWith(entries)
      writeFileSync(join(folder, 'loki.yaml'), configurationFor(other))
      return await verdictOf(['-c', 'loki.yaml'])
    }

    const entries = entriesIn(loki)
    const none = { missing: 0, doubled: 0, altered: 0, outOfOrder: 0 }
    expect(await verifyIn(entries)).toMatchObject({ ...none, status: 0, judged: 6_000 })
    expect(await verifyIn(entries.filter((_, i) => i % 600 !== 50))).toMatchObject({ ...none, status: 1, missing: 10 })
    expect(await verifyIn([...entries, ...entries.slice(50, 60)])).toMatchObject({ ...none, status: 1, doubled: 10 })
    const cut = entries.map((one, i) => (i % 600 === 50 ? { ...one, line: one.line.slice(1) } : one))
    expect(await verifyIn(cut)).toMatchObject({ ...none, status: 1, altered: 10 })
    const swapped = entries.map((one, i) => {
      const place = i % 600
      return place === 50
        ? { ...one, line: entries[i + 1]!.line }
        : place === 51
          ? { ...one, line: entries[i - 1]!.line }
          : one
    })
    expect(await verifyIn(swapped)).toMatchObject({ ...none, status: 1, outOfOrder: 10 })

    const promtails = entries.map(({ time, line, labels }) => ({
      ...{ time: String(BigInt(time) + 2_345_678n), line: `${line}\n`, metadata: {} },
      labels: { container: '/loki', logstream: labels['stream']! },
    }))
    await using other = await lokiWith(promtails.filter((_, i) => i !== 100))
    const words = ['--engine', engine.host, '--container', 'loki', '--loki', other.url]
    const found = await verdictOf(words)
    expect(found).toMatchObject({ ...none, status: 1, missing: 1, judged: 6_000 })
    expect(found.verdict.streams.map(({ times }) => times)).toEqual(['none', 'none'])
  }, 120_000)

  test('the engine’s own files are the truth as well, rotated and compressed, and without the engine', async () => {
    const script =
      'i=0; while [ $i -lt 900 ]; do echo "out $i"; echo "err $i" >&2; i=$((i+1)); done; head -c 51200 /dev/zero | tr "\\0" x; printf end'
    const rotated = { 'max-size': '40k', 'max-file': '6', compress: 'true' }
    await runContainer('rotated', script, { LogConfig: { Type: 'json-file', Config: rotated } })
    await runContainer('local', script, { LogConfig: { Type: 'local', Config: rotated } })
    const remote = { 'syslog-address': 'udp://127.0.0.1:1' }
    await runContainer('cached', 'echo one', { LogConfig: { Type: 'syslog', Config: remote } })
    const text = `data_dir: ${folder}/files-state
sources: { engine: { type: docker, host: "${engine.host}", include: { names: [rotated, local, cached] } } }
sinks: { out: { type: file, inputs: [engine], path: "${folder}/rotated.ndjson", sync_every: 10ms } }
api: { listen: off }
`
    writeFileSync(join(folder, 'files.yaml'), text)
    await using collector = await RunningCollector.open(() => text, folder)
    await until('all lines are delivered', async () => (await collector.metric('logs_sent_total')) >= 3_603)
    await collector.stop()

    const byApi = await verdictOf(['-c', 'files.yaml'])
    expect(byApi).toMatchObject({ status: 0, judged: 3_603 })
    await engine.stop()
    const words = ['-c', 'files.yaml', '--engine-files', join(engine.folder, 'data')]
    const byFiles = await verdictOf(words)
    const ofOne = await verdictOf([...words, '--container', 'rotated', '--container', 'local'])
    await engine.start()
    expect(ofOne).toMatchObject({ status: 0, judged: 3_602 })
    expect(byFiles).toMatchObject({ status: 3, judged: 3_602 })
    expect(byFiles.verdict.unreadableContainers).toMatchObject([
      { name: 'cached', reason: expect.stringContaining('log driver is syslog') as string },
    ])
  }, 120_000)
})
