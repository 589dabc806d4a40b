import { setMaxListeners } from 'node:events'
import { readdirSync, readlinkSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Cursor } from '../../src/batch/cursor.ts'
import { ConnectionPool } from '../../src/engine/connection-pool.ts'
import { ConnectionLedger } from '../../src/engine/ledger.ts'
import { ManagedStream } from '../../src/engine/managed-stream.ts'
import { createMetrics } from '../../src/telemetry/metrics.ts'
import { CollectingSource } from '../helpers/collected.ts'
import { describeWithEngine } from '../helpers/describe-with-engine.ts'
import { shellContainer, testImage } from '../helpers/engine-image.ts'
import { textsOf } from '../helpers/frames.ts'
import { RealEngine } from '../helpers/real-engine.ts'
import { until } from '../helpers/until.ts'

describeWithEngine('a docker source that reads through a real engine', () => {
  let engine: RealEngine

  beforeAll(async () => {
    engine = await RealEngine.open({ isDebug: true })
  })
  afterAll(async () => {
    await engine[Symbol.asyncDispose]()
  })

  const run = (name: string, body: object) => engine.client.run(body, name)

  test('lines of both streams, long lines, odd bytes and last words come out as they were', async () => {
    await using source = await CollectingSource.open({ read: 'api', host: engine.host })
    await until('the source is connected', () => source.status.isConnected)
    const script = [
      'echo one; echo; printf "cr\\rhere\\n"; printf "nul\\000nul\\n"; printf "\\033[1mbold\\n"; echo err >&2',
      'for n in 16383 16384 16385 51200 1048576; do head -c $n /dev/zero | tr "\\0" x; echo; done; printf "no line feed"',
    ].join(';')
    await run('odd', shellContainer(script))
    await until('the last words came', () => source.texts('odd').at(-1) === 'no line feed', {
      seen: () => source.texts('odd').map((text) => text.slice(0, 20)),
    })
    expect(source.texts('odd').map((text) => (text.length > 100 ? text.length : text))).toEqual([
      'one',
      '',
      'cr\rhere',
      'nul\0nul',
      '\x1b[1mbold',
      16383,
      16384,
      16385,
      51200,
      1048576,
      'no line feed',
    ])
    expect(source.texts('odd', 'stderr')).toEqual(['err'])
  })

  test('a TTY', async () => {
    await using source = await CollectingSource.open({ read: 'api', host: engine.host, include: { names: ['tty'] } })
    await run(
      'tty',
      shellContainer('echo one; head -c 51200 /dev/zero | tr "\\0" y; echo; echo two; printf "no line feed"', {
        Tty: true,
      }),
    )
    await until('the last words came', () => source.texts('tty').at(-1) === 'no line feed', {
      seen: () => source.texts('tty').map((text) => text.slice(0, 20)),
    })
    expect(source.texts('tty').map((text) => (text.length > 100 ? text.length : text))).toEqual([
      'one',
      51200,
      'two',
      'no line feed',
    ])
  })

  test('containers that live for milliseconds and remove themselves', async () => {
    await using source = await CollectingSource.open({
      read: 'api',
      host: engine.host,
      include: { names: ['brief-*'] },
    })
    await until('the source is connected', () => source.status.isConnected)
    // 0.3 s: shorter ones can be gone before anybody can ask (13-17 % on 20.10).
    await Promise.all(
      Array.from({ length: 10 }, (_, i) =>
        run(
          `brief-${i}`,
          shellContainer(`echo hello ${i}; sleep 0.3; echo bye ${i}`, { HostConfig: { AutoRemove: true } }),
        ),
      ),
    )
    await until(
      'all have said goodbye',
      () => source.rows.size === 10 && [...source.rows.values()].every((rows) => rows.length === 2),
      {
        seen: () => [...source.rows].map(([key, rows]) => [key, rows.length]),
      },
    )
  })

  test('a container that its restart policy starts again and again is followed once per run', async () => {
    await using source = await CollectingSource.open({ read: 'api', host: engine.host, include: { names: ['again'] } })
    await until('the source is connected', () => source.status.isConnected)
    const policy = { HostConfig: { RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 4 } } }
    const id = await run('again', shellContainer('echo hello; exit 1', policy))
    // The engine waits 100, 200, 400, 800 ms between the runs.
    await until('all five runs have spoken', () => source.texts('again').length === 5, {
      seen: () => source.texts('again'),
    })
    const opened = await source.metrics.streamsOpened.get()
    expect(opened.values[0]!.value).toBeLessThanOrEqual(10)
    await engine.client.remove(id)
  })

  test('rename, exclusion and drivers without a log', async () => {
    await using source = await CollectingSource.open({
      read: 'api',
      host: engine.host,
      exclude: { names: ['secret-*'] },
    })
    const id = await run(
      'before',
      shellContainer('echo one; while [ ! -e /go ]; do sleep 0.05; done; echo two; sleep 100'),
    )
    await run('secret-1', shellContainer('echo never'))
    await run('opted-out', shellContainer('echo never', { Labels: { 'log-capturer.exclude': 'true' } }))
    await run('mute', shellContainer('echo never', { HostConfig: { LogConfig: { Type: 'none' } } }))
    await until('the first line came', () => source.texts('before').length === 1)
    await engine.client.act(id, 'rename', { name: 'after' })
    await until('the follower knows the new name', async () => {
      const exec = await engine.client.call('POST', `/containers/${id}/exec`, { Cmd: ['touch', '/go'] })
      await engine.client.call('POST', `/exec/${(JSON.parse(exec.text) as { Id: string }).Id}/start`, { Detach: true })
      return true
    })
    await until('the second line came under the new name', () => source.texts('after').length === 1, {
      seen: () => [...source.rows.keys()],
    })
    expect(source.texts('after')).toEqual(['two'])
    expect([...source.rows.keys()].filter((key) => /secret|opted|mute/.test(key))).toEqual([])
    await engine.client.remove(id)
  })

  test('from now: what was there before is left out, what comes is not', async () => {
    const id = await run(
      'old',
      shellContainer('echo old; while [ ! -e /go ]; do sleep 0.05; done; echo new; sleep 100'),
    )
    await until('the old line is written', async () => (await engine.client.logs(id)).length === 1)
    await using source = await CollectingSource.open({
      read: 'api',
      host: engine.host,
      from: 'now',
      include: { names: ['old', 'young'] },
    })
    await until('it is followed', () => source.status.streams === 1)
    await run('young', shellContainer('echo young'))
    const exec = await engine.client.call('POST', `/containers/${id}/exec`, { Cmd: ['touch', '/go'] })
    await engine.client.call('POST', `/exec/${(JSON.parse(exec.text) as { Id: string }).Id}/start`, { Detach: true })
    await until('the new lines came', () => source.texts('old').length > 0 && source.texts('young').length > 0)
    expect([source.texts('old'), source.texts('young')]).toEqual([['new'], ['young']])
    await engine.client.remove(id)
  })

  test('a log that turns over while it is written is read without loss or repeat, and reading goes on where it stopped', async () => {
    const rotating = {
      HostConfig: { LogConfig: { Type: 'json-file', Config: { 'max-size': '20k', 'max-file': '3' } } },
    }
    const cursors = new Map<string, Cursor>()
    let texts: string[] = []
    const id = await engine.client.create(
      shellContainer(
        'i=0; while [ $i -lt 3000 ]; do echo line $i; i=$((i+1)); [ $((i%5)) = 0 ] && usleep 5000; done',
        rotating,
      ),
      'rotating',
    )
    for (let part = 0; part < 4; part++) {
      const source = await CollectingSource.open(
        { read: 'api', host: engine.host, include: { names: ['rotating'] } },
        cursors,
      )
      if (part === 0) {
        await until('connected', () => source.status.isConnected)
        await engine.client.act(id, 'start')
      }
      const wanted = part === 3 ? 3000 : (part + 1) * 700
      await until(`${wanted} lines came`, () => texts.length + source.texts('rotating').length >= wanted, {
        withinMs: 30_000,
        seen: () => source.texts('rotating').length,
      })
      await source.stop()
      texts = texts.concat(source.texts('rotating'))
    }
    expect(texts).toEqual(Array.from({ length: 3000 }, (_, i) => `line ${i}`))
  }, 60_000)

  test('files that turn over at full speed: what the engine can give in the end has come, each line once and in order', async () => {
    const rotating = {
      HostConfig: { LogConfig: { Type: 'json-file', Config: { 'max-size': '100k', 'max-file': '3' } } },
    }
    const program = 'BEGIN { for (i = 0; i < 40000; i++) printf "line %d of many, with some more text\\n", i }'
    const names = ['fast-0', 'fast-1', 'fast-2']
    await using source = await CollectingSource.open({ read: 'api', host: engine.host, include: { names: ['fast-*'] } })
    await until('connected', () => source.status.isConnected)
    const ids = await Promise.all(
      names.map((name) => engine.client.create({ Image: testImage, Cmd: ['awk', program], ...rotating }, name)),
    )
    await Promise.all(ids.map((id) => engine.client.act(id, 'start')))
    for (const name of names) {
      const numbers = () => source.texts(name).map((text) => Number(text.split(' ')[1]))
      await until(`the last line of ${name} came`, () => numbers().at(-1) === 39_999, { withinMs: 20_000 })
      const readable = textsOf(await engine.client.logs(ids[names.indexOf(name)]!))
      expect(readable.length).toBeGreaterThan(1_000)
      expect(numbers().slice(-readable.length)).toEqual(readable.map((text) => Number(text.split(' ')[1])))
      expect(numbers()).toEqual([...new Set(numbers())].sort((a, b) => a - b))
    }
  }, 60_000)

  test('closing a silent stream takes its descriptors, here and in the engine, 10,000 times', async () => {
    const id = await run('silent', shellContainer('sleep 1000'))
    const ledger = new ConnectionLedger(createMetrics(), 'test')
    const { signal } = new AbortController()
    setMaxListeners(0, signal)
    await using pool = new ConnectionPool({
      address: { kind: 'unix', path: engine.socketPath },
      ledger,
      maxConnections: 100,
      idleTimeoutMs: 1_000,
    })
    const engineDescriptors = async () => (await engine.client.get<{ NFd: number }>('/info')).NFd
    const ours = () =>
      readdirSync('/proc/self/fd')
        .map((fd) => {
          try {
            return readlinkSync(`/proc/self/fd/${fd}`)
          } catch {
            return ''
          }
        })
        .filter((target) => target.startsWith('socket:')).length
    const cycle = async () => {
      const stream = await ManagedStream.open(
        pool,
        ledger,
        { path: `/containers/${id}/logs?follow=1&stdout=1&timestamps=1`, idleTimeoutMs: 0, onBody: () => true },
        signal,
      )
      const before = performance.now()
      await stream.close()
      return performance.now() - before
    }
    await cycle()
    const before = { ours: ours(), theirs: await engineDescriptors() }
    let slowest = 0
    for (let round = 0; round < 100; round++) {
      slowest = Math.max(slowest, ...(await Promise.all(Array.from({ length: 100 }, cycle))))
    }
    await until('our descriptors are back', () => ours() <= before.ours, { withinMs: 1_000, seen: ours })
    await until('the engine’s descriptors are back', async () => (await engineDescriptors()) <= before.theirs, {
      withinMs: 1_000,
    })
    expect(ledger).toMatchObject({ opened: 10_001, closed: 10_001, active: 0 })
    process.stderr.write(`slowest of 10,000 closings, 100 at a time: ${slowest.toFixed(1)} ms\n`)
    await engine.client.remove(id)
  }, 120_000)
})
