import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { Owned } from '../../src/lib/owned.ts'
import type { Program } from '../../src/simulator/process.ts'
import { SimulatedEngine } from '../../src/simulator/engine.ts'
import { ensureBuilt, RunningCommand } from '../helpers/command.ts'
import { until } from '../helpers/until.ts'

beforeAll(() => ensureBuilt())

/** A folder, and a simulated engine that listens in it. */
class Scene implements AsyncDisposable {
  readonly folder: string
  readonly engine: SimulatedEngine
  readonly #owned: Owned

  private constructor(folder: string, engine: SimulatedEngine, owned: Owned) {
    this.folder = folder
    this.engine = engine
    this.#owned = owned
  }

  static async open(): Promise<Scene> {
    await using undo = new Owned()
    const folder = mkdtempSync(join(tmpdir(), 'run-test-'))
    undo.defer(() => rmSync(folder, { recursive: true, force: true }))
    const listen = { socketPath: join(folder, 'engine.sock') }
    const engine = undo.take(await SimulatedEngine.open({ listen }, new AbortController().signal))
    return new Scene(folder, engine, undo.move())
  }

  start(name: string, program: Program): void {
    this.engine.createContainer({ name, program }).start()
  }

  configuration(sink: string): string {
    return `data_dir: ./state
sources: { engine: { type: docker, host: "${this.engine.host}" } }
sinks: { out: { inputs: [engine], ${sink} } }
api: { listen: off }
`
  }

  linesOf(file: string): string[] {
    return readFileSync(join(this.folder, file), 'utf8').split('\n').slice(0, -1)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#owned[Symbol.asyncDispose]()
  }
}

/** Numbered lines, for ever, as fast as they are taken in bursts. */
const counting: Program = async (process) => {
  for (let line = 1; ; line++) {
    process.write('stdout', Buffer.from(`line ${line}\n`))
    await process.sleep(2)
  }
}

const numbered = (count: number) => Array.from({ length: count }, (_, i) => `line ${i + 1}`)

describe('run', () => {
  test('SIGTERM delivers what was read and ends well', async () => {
    await using scene = await Scene.open()
    scene.start('web', counting)
    const input = scene.configuration('type: file, path: "./{container.name}.log", format: text')
    await using collector = new RunningCommand(['run', '-c', '-'], { folder: scene.folder, input }).readOutput()
    await until('lines are in the file', () => exists(scene, 'web.log') && scene.linesOf('web.log').length > 50)
    collector.send('SIGTERM')
    expect(await collector.status()).toBe(0)
    const lines = scene.linesOf('web.log')
    expect(lines).toEqual(numbered(lines.length))
    // The own log is JSON to standard error; standard output belongs to sinks.
    for (const line of collector.stderr.split('\n').slice(0, -1)) expect(JSON.parse(line)).toHaveProperty('msg')
    expect(collector.stdout).toBe('')
  })

  test('SIGHUP goes on with a changed configuration, and with the old one where the new one is wrong', async () => {
    await using scene = await Scene.open()
    scene.start('web', counting)
    const file = join(scene.folder, 'log-capturer.yaml')
    const writing = (name: string) => scene.configuration(`type: file, path: "./${name}", format: text`)
    writeFileSync(file, writing('first.log'))
    await using collector = new RunningCommand(['run'], { folder: scene.folder })
    await until(
      'lines are in the first file',
      () => exists(scene, 'first.log') && scene.linesOf('first.log').length > 9,
    )

    writeFileSync(file, writing('second.log').replace('inputs', 'input'))
    collector.send('SIGHUP')
    await collector.said('the one before stays')
    expect(collector.stderr).toContain('did you mean')
    const linesBefore = scene.linesOf('first.log').length
    await until('lines still go to the first file', () => scene.linesOf('first.log').length > linesBefore)

    writeFileSync(file, writing('second.log'))
    collector.send('SIGHUP')
    await until(
      'lines are in the second file',
      () => exists(scene, 'second.log') && scene.linesOf('second.log').length > 9,
    )
    collector.send('SIGTERM')
    expect(await collector.status()).toBe(0)
    const lines = [...scene.linesOf('first.log'), ...scene.linesOf('second.log')]
    expect(lines).toEqual(numbered(lines.length))
  })

  test('--watch goes on with what the file says, and says once what is wrong with it', async () => {
    await using scene = await Scene.open()
    scene.start('web', counting)
    const file = join(scene.folder, 'log-capturer.yaml')
    const writing = (name: string) => scene.configuration(`type: file, path: "./${name}", format: text`)
    writeFileSync(file, writing('first.log'))
    await using collector = new RunningCommand(['run', '--watch'], { folder: scene.folder })
    await until(
      'lines are in the first file',
      () => exists(scene, 'first.log') && scene.linesOf('first.log').length > 9,
    )
    writeFileSync(file, writing('second.log').replace('inputs', 'input'))
    await collector.said('the one before stays')
    writeFileSync(file, writing('second.log'))
    await until(
      'lines are in the second file',
      () => exists(scene, 'second.log') && scene.linesOf('second.log').length > 9,
    )
    collector.send('SIGTERM')
    expect(await collector.status()).toBe(0)
    const lines = [...scene.linesOf('first.log'), ...scene.linesOf('second.log')]
    expect(lines).toEqual(numbered(lines.length))
    expect(collector.stderr.match(/the one before stays/g)).toHaveLength(1)
  })

  test('--watch where inotify is used up says so and what to do, and looks at the file now and then', async () => {
    await using scene = await Scene.open()
    const file = join(scene.folder, 'log-capturer.yaml')
    writeFileSync(file, scene.configuration('type: console'))
    // The limit of a namespace of its own: nobody else is in it.
    const limit = 'echo 0 > /proc/sys/user/max_inotify_instances && exec "$0" "$@"'
    const through = ['unshare', '--user', '--map-root-user', 'sh', '-c', limit]
    await using collector = new RunningCommand(['run', '--watch'], { folder: scene.folder, through }).readOutput()
    await collector.said('all inotify instances of this user')
    expect(collector.stderr).toContain('raise fs.inotify.max_user_instances')
    await collector.said('"collecting"')
    writeFileSync(file, scene.configuration('type: console, color: never'))
    await until('it was read again', () => collector.stderr.includes('the configuration was read again'), {
      withinMs: 25_000,
      seen: () => collector.stderr,
    })
  }, 40_000)

  test('--watch without a file is refused', async () => {
    await using scene = await Scene.open()
    const options = { folder: scene.folder, input: scene.configuration('type: console') }
    await using collector = new RunningCommand(['run', '-c', '-', '--watch'], options)
    expect(await collector.status()).toBe(1)
    expect(collector.stderr).toContain('--watch needs files')
  })

  test('what cannot be opened stays as it was', async () => {
    await using scene = await Scene.open()
    scene.start('web', counting)
    const file = join(scene.folder, 'log-capturer.yaml')
    const good = scene.configuration('type: file, path: "./web.log", format: text')
    writeFileSync(file, good)
    await using collector = new RunningCommand(['run'], { folder: scene.folder })
    await until('lines are in the file', () => exists(scene, 'web.log') && scene.linesOf('web.log').length > 9)
    await using taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const { port } = taken.address() as AddressInfo
    writeFileSync(file, good.replace('listen: off', `listen: "127.0.0.1:${port}"`))
    collector.send('SIGHUP')
    await collector.said('they stay as they were')
    const linesBefore = scene.linesOf('web.log').length
    await until('lines still go to the file', () => scene.linesOf('web.log').length > linesBefore)
    collector.send('SIGTERM')
    expect(await collector.status()).toBe(0)
    const lines = scene.linesOf('web.log')
    expect(lines).toEqual(numbered(lines.length))
  })

  describe('with a sink that takes nothing', () => {
    // Nobody reads the program's output, and a pipe holds 64 KiB.
    const flood: Program = async (process) => {
      process.write('stdout', Buffer.from(`${'x'.repeat(1_000)}\n`.repeat(2_000)))
      await process.sleep(1e9)
      return 0
    }

    test('the end of the time to drain names what was not delivered', async () => {
      await using scene = await Scene.open()
      scene.start('web', flood)
      const options = { folder: scene.folder, input: scene.configuration('type: console') }
      await using collector = new RunningCommand(['run', '-c', '-', '--drain-timeout', '200ms'], options)
      await collector.said('connected to the engine')
      await until('lines were read', () => scene.engine.counts().bodyBytes > 2_000_000)
      collector.send('SIGTERM')
      expect(await collector.status()).toBe(1)
      const said = collector.stderr.split('\n').find((line) => line.includes('not delivered'))!
      expect(JSON.parse(said)).toMatchObject({ level: 'error', sink: 'out' })
      expect((JSON.parse(said) as { lines: number }).lines).toBeGreaterThan(0)
    })

    test('a second signal ends at once', async () => {
      await using scene = await Scene.open()
      scene.start('web', flood)
      const options = { folder: scene.folder, input: scene.configuration('type: console') }
      await using collector = new RunningCommand(['run', '-c', '-', '--drain-timeout', '1h'], options)
      await collector.said('connected to the engine')
      await until('lines were read', () => scene.engine.counts().bodyBytes > 2_000_000)
      collector.send('SIGTERM')
      await collector.said('asked to end')
      await until('the program has ended', () => {
        collector.send('SIGINT')
        return collector.hasEnded
      })
      expect(await collector.status()).toBe(130)
    })
  })
})

function exists({ folder }: Scene, file: string): boolean {
  return readdirSync(folder).includes(file)
}
