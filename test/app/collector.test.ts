import { randomUUID } from 'node:crypto'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { DataDirError } from '../../src/state/data-dir-error.ts'
import type { SimulatedContainer } from '../../src/simulator/container.ts'
import { SimulatedEngine } from '../../src/simulator/engine.ts'
import { RunningCollector } from '../helpers/collector.ts'
import { until } from '../helpers/until.ts'

let engine: SimulatedEngine
let app: SimulatedContainer
let folder: string
let written: number

beforeEach(async () => {
  engine = await SimulatedEngine.open(
    { listen: { socketPath: join(tmpdir(), `${randomUUID()}.sock`) } },
    new AbortController().signal,
  )
  app = engine.createContainer({ name: 'app' })
  app.start()
  folder = mkdtempSync(join(tmpdir(), 'collector-'))
  written = 0
})
afterEach(async () => {
  await engine[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

const source = () => `sources: { engine: { type: docker, host: "${engine.host}" } }`
const disk = (name: string, inputs = 'engine') =>
  `  ${name}: { type: file, inputs: [${inputs}], path: "${folder}/${name}/{container.name}.log", format: text, sync_every: 10ms }`
const plain = (...sinks: string[]) =>
  `data_dir: ${folder}/state\n${source()}\nsinks:\n${sinks.join('\n')}\napi: { listen: off }\n`
const start = (text = plain(disk('one'))) => RunningCollector.open(() => text, folder)

function write(count: number): void {
  for (let i = 0; i < count; i++) app.write('stdout', `line ${written++}\n`)
}

const linesOf = (sink: string, name = 'app') => {
  const path = join(folder, sink, `${name}.log`)
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : []
}
const allLines = () => Array.from({ length: written }, (_, i) => `line ${i}`)

async function expectAll(sink = 'one'): Promise<void> {
  await until(`all lines are in ${sink}`, () => linesOf(sink).length >= written, {
    seen: () => [linesOf(sink).length, written],
  })
  expect(linesOf(sink)).toEqual(allLines())
}

test('stopping and starting again, many times, leaves every line once', async () => {
  for (let run = 0; run < 5; run++) {
    const collector = await start()
    write(100)
    if (run % 2 === 0) await until('something is written', () => linesOf('one').length > 0)
    await collector.stop()
  }
  const collector = await start()
  await expectAll()
  await collector.stop()
})

test('a sink that is added later gets what the engine still has; the first one gets nothing twice', async () => {
  write(50)
  const first = await start()
  await expectAll()
  await first.stop()
  write(50)
  const both = await start(plain(disk('one'), disk('two')))
  await expectAll('two')
  await expectAll('one')
  await both.stop()
})

test('from now: what was written while stopped is not lost to the old sink, and a new one begins with the start', async () => {
  const fromNow = (...sinks: string[]) => plain(...sinks).replace('type: docker,', 'type: docker, from: now,')
  write(10)
  const first = await start(fromNow(disk('one')))
  await until('it is followed', async () => (await first.metric('container_streams_active')) === 1)
  write(10)
  await until('the new lines came', () => linesOf('one').length === 10)
  await first.stop()
  write(10)
  const second = await start(fromNow(disk('one'), disk('two')))
  await until('what was missed came', () => linesOf('one').length === 20, { seen: () => linesOf('one').length })
  write(10)
  await until('new lines came to both', () => linesOf('one').length === 30 && linesOf('two').length === 10, {
    seen: () => [linesOf('one'), linesOf('two')],
  })
  expect(linesOf('one')).toEqual(allLines().slice(10))
  expect(linesOf('two')).toEqual(allLines().slice(30))
  await second.stop()
})

test('a filter takes lines from its branch and from no other', async () => {
  const text = plain(disk('all'), disk('errors', 'only')).replace(
    'sinks:',
    'transforms: { only: { type: filter, inputs: [engine], include: ["3"] } }\nsinks:',
  )
  write(40)
  const collector = await start(text)
  await expectAll('all')
  const wanted = allLines().filter((line) => line.includes('3'))
  await until('the others have come', () => linesOf('errors').length >= wanted.length)
  expect(linesOf('errors')).toEqual(wanted)
  expect(await collector.metric('logs_dropped_total')).toBe(40 - wanted.length)
  await collector.stop()
  const again = await start(text)
  await again.ready()
  await again.stop()
  expect(linesOf('errors')).toEqual(wanted)
})

describe('state that is damaged', () => {
  async function collectThenStop(): Promise<void> {
    const collector = await start()
    write(30)
    await expectAll()
    await collector.stop()
  }

  const damages: [name: string, damage: () => void][] = [
    [
      'cursors full of rubbish',
      () => writeFileSync(join(folder, 'state', 'cursors', 'journal'), 'rubbish \0\xff\n{}\n'),
    ],
    ['an empty cursor file', () => writeFileSync(join(folder, 'state', 'cursors', 'journal'), '')],
    [
      'a folder where the cursors were',
      () => {
        rmSync(join(folder, 'state', 'cursors', 'journal'))
        mkdirSync(join(folder, 'state', 'cursors', 'journal'))
      },
    ],
    ['no cursors at all', () => rmSync(join(folder, 'state', 'cursors'), { recursive: true })],
  ]
  test.each(damages)('%s: the file sink knows by itself what it has', async (_name, damage) => {
    await collectThenStop()
    damage()
    const collector = await start()
    write(30)
    await expectAll()
    await collector.stop()
  })

  test('everything lost: the log is read again from its beginning', async () => {
    await collectThenStop()
    rmSync(join(folder, 'state'), { recursive: true })
    const collector = await start()
    await until('the lines came again', () => linesOf('one').length === 60)
    expect(linesOf('one')).toEqual([...allLines(), ...allLines()])
    await collector.stop()
  })
})

describe('a data_dir that cannot be used', () => {
  test('a file in its place', async () => {
    writeFileSync(join(folder, 'state'), '')
    await expect(start()).rejects.toThrow(DataDirError)
    await expect(start()).rejects.toMatchObject({
      message: expect.stringContaining(`${folder}/state`) as string,
      hint: expect.stringContaining('folder') as string,
    })
  })

  test('a read-only disk', async () => {
    mkdirSync(join(folder, 'disk'))
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'ro', 'tmpfs', join(folder, 'disk')])
    try {
      await expect(start(plain(disk('one')).replace('/state', '/disk/state'))).rejects.toThrow(
        /cannot write to data_dir .*read-only/,
      )
    } finally {
      execFileSync('umount', [join(folder, 'disk')])
    }
  })

  test('in use by another collector', async () => {
    const first = await start()
    await expect(start()).rejects.toThrow(`is in use by process ${process.pid}`)
    await first.stop()
  })

  test('full while running: lines go on to the sink, and nothing is lost or doubled when there is room again', async () => {
    mkdirSync(join(folder, 'disk'))
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=128k', 'tmpfs', join(folder, 'disk')])
    try {
      const text = plain(disk('one')).replace('/state', '/disk/state')
      const collector = await start(text)
      write(10)
      await expectAll()
      const ballast = join(folder, 'disk', 'ballast')
      for (let size = 4_096; ; size = Math.ceil(size / 2)) {
        try {
          writeFileSync(ballast, 'x'.repeat(size), { flag: 'a' })
        } catch {
          if (size === 1) break
        }
      }
      await until(
        'it is noticed',
        () => {
          // The last blocks of the files that grow have room for some records yet.
          write(10)
          return collector.collector.health().status === 'degraded'
        },
        { seen: () => collector.collector.health() },
      )
      rmSync(ballast)
      await expectAll()
      await until('all is well again', () => collector.collector.health().status === 'ok', {
        withinMs: 30_000,
        seen: () => collector.collector.health(),
      })
      await collector.stop()
      const again = await start(text)
      await again.ready()
      await again.stop()
      expect(linesOf('one')).toEqual(allLines())
    } finally {
      execFileSync('umount', [join(folder, 'disk')])
    }
  }, 60_000)
})

test('a sink that cannot write does not hold back the other, says why, and catches up', async () => {
  writeFileSync(join(folder, 'two'), 'a file where the folder should be')
  const collector = await start(plain(disk('one'), disk('two')))
  write(100)
  await expectAll('one')
  await until(
    'it is said',
    () => collector.collector.health().reasons.some((reason) => reason.startsWith('sink "two" sends again')),
    { seen: () => collector.collector.health() },
  )
  rmSync(join(folder, 'two'))
  await expectAll('two')
  await collector.stop()
})

test('what is not delivered at the deadline is named, and delivered after the next start', async () => {
  writeFileSync(join(folder, 'one'), 'a file where the folder should be')
  const collector = await start()
  write(20)
  await until('the batch waits', () => collector.collector.snapshot().then(({ queuedBytes }) => queuedBytes > 0))
  expect(await collector.abandon()).toEqual([{ sink: 'one', batches: 0, lines: 0, linesOnDisk: 20 }])
  rmSync(join(folder, 'one'))
  const again = await start()
  await expectAll()
  await again.stop()
})

test('more containers than streams are read in turns', async () => {
  const others = Array.from({ length: 6 }, (_, i) => engine.createContainer({ name: `other-${i}` }))
  for (const other of others) {
    other.start()
    other.write('stdout', 'hello\n')
  }
  const collector = await start(plain(disk('one')).replace('type: docker,', 'type: docker, max_streams: 2,'))
  await until('all have come', () => existsSync(join(folder, 'one')) && readdirSync(join(folder, 'one')).length === 6)
  for (const other of others) other.write('stdout', 'again\n')
  await until('they come again', () => others.every((_, i) => linesOf('one', `other-${i}`).length === 2), {
    withinMs: 20_000,
  })
  expect(await collector.metric('container_streams_active')).toBe(2)
  await collector.stop()
})
