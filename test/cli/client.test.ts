import { randomUUID } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Overview, Sinks, TailLine } from '../../src/api/v1/schemas.ts'
import { Owned } from '../../src/lib/owned.ts'
import type { SimulatedContainer } from '../../src/simulator/container.ts'
import { SimulatedEngine } from '../../src/simulator/engine.ts'
import { RunningCollector } from '../helpers/collector.ts'
import { type CommandOptions, ensureBuilt, RunningCommand } from '../helpers/command.ts'
import { until } from '../helpers/until.ts'

let owned: Owned
let engine: SimulatedEngine
let running: RunningCollector
let url: string
let web: SimulatedContainer
let filter = 'noise'

beforeAll(async () => {
  ensureBuilt()
  owned = new Owned()
  const listen = { socketPath: join(tmpdir(), `${randomUUID()}.sock`) }
  engine = owned.take(await SimulatedEngine.open({ listen }, new AbortController().signal))
  const configuration = (folder: string) => `
data_dir: ${folder}/state
sources: { engine: { type: docker, host: "${engine.host}" } }
transforms: { quiet: { type: filter, inputs: [engine], exclude: ["${filter}"] } }
sinks: { disk: { type: file, inputs: [quiet], path: "${folder}/logs/{container.name}.log" } }
api: { listen: 127.0.0.1:0 }
`
  running = owned.take(await RunningCollector.open(configuration))
  await running.ready()
  web = start('web')
  await until('it is followed', async () => (await running.metric('container_streams_active')) === 1)
  const { host, port } = running.collector.listen!
  url = `http://${host}:${port}`
})
afterAll(() => owned[Symbol.asyncDispose]())

let started: Owned
beforeEach(() => {
  started = new Owned()
  return () => started[Symbol.asyncDispose]()
})

function start(name: string): SimulatedContainer {
  const container = engine.createContainer({ name })
  container.start()
  return container
}

/** Asks this test's collector. */
function ask(words: readonly string[], options: CommandOptions = {}): RunningCommand {
  return started.take(new RunningCommand([...words, '--url', url], options).readOutput())
}

/** A configuration for standard input whose collector does not run. */
const alone = () =>
  `sources: { engine: { type: docker, host: "${engine.host}" } }\nsinks: { out: { type: blackhole, inputs: [engine] } }\napi: { listen: "127.0.0.1:1" }\n`

/** On a terminal: util-linux's script gives it one, 100 by 30, and passes its own input on. */
const onTerminal = {
  through: ['sh', '-c', 'stty_size="stty rows 30 cols 100"; exec script -qefc "$stty_size; $0 $*" /dev/null'],
}

describe('status', () => {
  test('says how the collector is, for people and as JSON', async () => {
    web.write('stdout', 'one\ntwo noise\n')
    await until('both are read', async () => (await running.metric('logs_collected_total')) >= 2)
    const text = ask(['status'])
    const json = ask(['status', '--json'])
    expect(await text.status()).toBe(0)
    expect(text.stdout).toMatch(
      /^version {2}0\.1\.0, up \S+, OK\nengine {3}engine: Docker 28\.5\.2 .*\nin .* lines, \d+\/s, \d+ B\/s\n/,
    )
    expect(text.stdout).toMatch(/^SINK +TYPE +LINES .*\ndisk +file +/m)
    expect(await json.status()).toBe(0)
    const { overview, sinks } = JSON.parse(json.stdout) as { overview: Overview } & Sinks
    expect(overview).toMatchObject({ status: 'ok', lines: { in: { perSecond: 0 } } })
    expect(sinks).toMatchObject([{ id: 'disk', type: 'file' }])
  })

  test('where nothing answers, or no collector: what to do, and status 1', async () => {
    const gone = started.take(new RunningCommand(['status', '-c', '-'], { input: alone() }))
    expect(await gone.status()).toBe(1)
    expect(gone.stderr).toContain('cannot ask the collector at http://127.0.0.1:1: ')
    const off = started.take(
      new RunningCommand(['status', '-c', '-'], { input: alone().replace('"127.0.0.1:1"', 'off') }),
    )
    expect(await off.status()).toBe(1)
    expect(off.stderr).toMatch(/api\.listen.*\n.*--url/)
  })
})

describe('top', () => {
  test('prints containers and sinks once where there is no terminal', async () => {
    const top = ask(['top'])
    expect(await top.status()).toBe(0)
    expect(top.stdout).toMatch(/^SINK .*\ndisk .*\n\nCONTAINER +STATE +BY +.*\nweb +following +api +/m)
  })

  test('draws in place on a terminal, until q', async () => {
    const top = started.take(new RunningCommand(['top', '--url', url], { ...onTerminal, staysOpen: true }).readOutput())
    await until('it was drawn again', () => /\x1b\[\d+A\x1b\[J/.test(top.stdout), {
      seen: () => top.stdout + top.stderr,
    })
    top.type('q')
    expect(await top.status()).toBe(0)
    expect(top.stdout).toContain('CONTAINER')
  })
})

describe('tail, of a collector', () => {
  /** Writes until the tail has seen it: what passes before it is connected is not shown. */
  async function writeUntilSeen(tail: RunningCommand, text: string): Promise<void> {
    await until(
      `the tail shows ${text}`,
      () => {
        web.write('stdout', `${text}\n`)
        return tail.stdout.includes(text)
      },
      { seen: () => tail.stdout + tail.stderr },
    )
  }

  test('lines as they pass, of the wanted kind, as they came; Ctrl-C ends it well', async () => {
    const tail = ask(['tail', 'w*', '--include', 'wanted', '--exclude', 'but', '--stream', 'stdout', '--at', 'quiet'])
    await writeUntilSeen(tail, 'wanted first')
    web.write('stdout', 'wanted but\nwanted noise\nother\n\x1b[2Jwanted \u202e\x07\n')
    web.write('stderr', 'wanted, on stderr\n')
    await writeUntilSeen(tail, 'wanted last')
    tail.send('SIGINT')
    expect(await tail.status()).toBe(0)
    const texts = new Set(tail.stdout.trimEnd().split('\n'))
    expect([...texts]).toEqual(['web | wanted first', 'web | \x1b[2Jwanted \u202e\x07', 'web | wanted last'])
    expect(tail.stderr).toBe('')
  })

  test('on a terminal in colour, and nothing of a line works on it', async () => {
    const tail = started.take(
      new RunningCommand(['tail', '--url', url, '--timestamps'], { ...onTerminal, env: { NO_COLOR: '' } }).readOutput(),
    )
    await writeUntilSeen(tail, 'first')
    web.write('stdout', '\x1b[2Jhostile \u202e\x07\n')
    await tail.said('hostile')
    expect(tail.stdout).toMatch(
      /\x1b\[2m\d{4}-\S+Z\x1b\[22m \x1b\[\d+mweb\x1b\[39m \x1b\[\d+m\|\x1b\[39m \\x1b\[2Jhostile \\u202e\\x07/,
    )
  })

  test('--json: a document a line; with a reader that has seen enough it ends quietly', async () => {
    const through = ['sh', '-c', '"$0" "$@" | head -n 1']
    const tail = started.take(new RunningCommand(['tail', '--url', url, '--json'], { through }).readOutput())
    await until('head has ended', () => {
      web.write('stdout', 'again\n')
      return tail.hasEnded
    })
    expect(JSON.parse(tail.stdout) as TailLine).toMatchObject({
      at: 'engine',
      container: 'web',
      stream: 'stdout',
      text: expect.any(String) as string,
    })
    expect(tail.stderr).toBe('')
  })

  test('what is passed over is said', async () => {
    const tail = ask(['tail'])
    await writeUntilSeen(tail, 'first')
    web.write('stdout', 'many\n'.repeat(20_000))
    await tail.said('passed over: more comes than can be shown')
  })

  test('a component that is not there is refused with those that are', async () => {
    const last = ask(['tail', 'web', '--last', '1'])
    await last.said('web |')
    last.send('SIGINT')
    expect(await last.status()).toBe(0)
    const tail = ask(['tail', '--at', 'nowhere'])
    expect(await tail.status()).toBe(1)
    expect(tail.stderr).toMatch(/there is no source or transform "nowhere".*\n.*engine, quiet/)
  })
})

describe('tail, of the engine', () => {
  const asked = (words: readonly string[]) =>
    started.take(new RunningCommand(['tail', '-c', '-', ...words], { input: alone() }).readOutput())

  test('where no collector answers: many containers, also one that comes later, without and with its history', async () => {
    const db = start('db-1')
    db.write('stdout', 'before\n')
    const tail = asked(['db-*'])
    await tail.said('lines come from the engine itself')
    await until(
      'it is followed',
      () => {
        db.write('stderr', 'now\n')
        return tail.stdout.includes('db-1 ! now')
      },
      { seen: () => tail.stdout + tail.stderr },
    )
    start('db-22').write('stdout', 'the first of a new one\n')
    web.write('stdout', 'not asked for\n')
    await tail.said('db-22 | the first of a new one')
    tail.send('SIGINT')
    expect(await tail.status()).toBe(0)
    expect(tail.stdout).not.toMatch(/before|not asked for/)
    const history = asked(['db-1', '--since', '1h', '--no-follow'])
    expect(await history.status()).toBe(0)
    expect(history.stdout).toMatch(/^db-1 \| before\n(db-1 ! now\n)+$/)
    expect(history.stderr).toBe('')
  })

  test('ends with what there is, whole, although it is more than is held at a time', async () => {
    const long = start('long')
    const count = 40_000
    long.write('stdout', Array.from({ length: count }, (_, i) => `${i} ${'x'.repeat(100)}\n`).join(''))
    const tail = asked(['long', '--no-follow', '--engine'])
    expect(await tail.status()).toBe(0)
    const numbers = tail.stdout
      .trimEnd()
      .split('\n')
      .map((line) => Number(line.split(' ')[2]))
    expect(numbers).toEqual(Array.from({ length: count }, (_, i) => i))
  })

  test('the last lines of each, in the order of their times, and then what comes', async () => {
    const [one, two] = [start('last-1'), start('last-2')]
    for (let i = 0; i < 8; i++) (i % 2 === 0 ? one : two).write('stdout', `said ${i}\n`)
    const whole = asked(['last-*', '--no-follow'])
    expect(await whole.status()).toBe(0)
    const said = (numbers: readonly number[]) => numbers.map((i) => `last-${1 + (i % 2)} | said ${i}\n`).join('')
    expect(whole.stdout).toBe(said([0, 1, 2, 3, 4, 5, 6, 7]))
    const last = asked(['last-*', '--no-follow', '-n', '2'])
    expect(await last.status()).toBe(0)
    expect(last.stdout).toBe(said([4, 5, 6, 7]))
    const following = asked(['last-*', '--engine', '--last', '1'])
    await following.said('said 7')
    one.write('stdout', 'said 8\n')
    await following.said('said 8')
    start('last-3').write('stdout', 'a new one\n')
    await following.said('last-3 | a new one')
    following.send('SIGINT')
    expect(await following.status()).toBe(0)
    expect(following.stdout).toBe(`${said([6, 7, 8])}last-3 | a new one\n`)
  })

  test('no engine: it is said', async () => {
    const input = alone().replace(engine.host, 'unix:///nowhere/docker.sock')
    const tail = started.take(new RunningCommand(['tail', '-c', '-', '--engine'], { input }))
    expect(await tail.status()).toBe(1)
    expect(tail.stderr).toMatch(/no engine answers at unix:\/\/\/nowhere\/docker\.sock\n.*doctor/)
    for (const words of [
      ['--at', 'quiet', '--since', '1m'],
      ['--last', '1', '--since', '1m'],
      ['--last', '1001'],
    ])
      expect(await started.take(new RunningCommand(['tail', ...words], {})).status()).toBe(2)
  })
})

test('reload says what has changed', async () => {
  const unchanged = ask(['reload'])
  expect(await unchanged.status()).toBe(0)
  expect(unchanged.stdout).toBe('nothing has changed\n')
  filter = 'other noise'
  const changed = ask(['reload'])
  expect(await changed.status()).toBe(0)
  expect(changed.stdout).toBe('transforms: quiet\n')
  filter = '", 5, "'
  const wrong = ask(['reload'])
  expect(await wrong.status()).toBe(1)
  expect(wrong.stderr).toMatch(/test\.yaml:\d+:\d+: transforms\.quiet\.exclude/)
})
