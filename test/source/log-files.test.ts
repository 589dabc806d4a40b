import { execFileSync } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { rmSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Cursor } from '../../src/batch/cursor.ts'
import { lineFlags } from '../../src/batch/flags.ts'
import type { Row } from '../../src/batch/row.ts'
import { dockerDrivers } from '../../src/log-file/docker-drivers.ts'
import { CollectingSource } from '../helpers/collected.ts'
import { describeWithEngine } from '../helpers/describe-with-engine.ts'
import { shellContainer, testImage } from '../helpers/engine-image.ts'
import { textsOf } from '../helpers/frames.ts'
import { RealEngine } from '../helpers/real-engine.ts'
import { until } from '../helpers/until.ts'

/** Bytes from which on a line comes in pieces. Of such a line 20.10 gives the last piece of driver `local` without its line feed, which the file tells. */
const pieceBytes = 16_384

/** What both readers must agree on. */
function recordOf({ origin, seconds, nanos, ordinal, flags, text }: Row) {
  const told = text.length < pieceBytes ? flags : flags & ~lineFlags.unterminated
  return { key: origin.key, name: origin.container.name, seconds, nanos, ordinal, flags: told, text }
}

/** Neighbours that are not in order, or alike. */
function stepsBack(numbers: readonly number[]): string[] {
  return numbers.flatMap((number, i) => (i > 0 && number <= numbers[i - 1]! ? [`${numbers[i - 1]!} -> ${number}`] : []))
}

describeWithEngine('a docker source that reads the log files of a real engine', () => {
  let engine: RealEngine

  beforeAll(async () => {
    engine = await RealEngine.open({})
  })
  afterAll(async () => {
    await engine[Symbol.asyncDispose]()
  })

  const run = (name: string, body: object) => engine.client.run(body, name)

  describe.each(dockerDrivers())('driver $name', (driver) => {
    afterAll(() => engine.client.removeAll())

    const logged = (Config: object = {}) => ({ HostConfig: { LogConfig: { Type: driver.name, Config } } })
    const files = (size: string, count: string, compress = 'false') =>
      logged({ 'max-size': size, 'max-file': count, compress })

    test('leaves the engine alone, and gives the same records as the engine does', async () => {
      const odd = [
        'echo one; echo; printf "cr\\rhere\\n"; printf "nul\\000nul\\n"; printf "\\033[1mbold <&> \\"quoted\\" \\\\\\n"; echo err >&2',
        'printf "\\377\\376 no text\\n"; printf "caf\\303\\251 \\342\\200\\250 \\360\\237\\230\\200\\n"',
        'for n in 16383 16384 16385 51200 1048576; do head -c $n /dev/zero | tr "\\0" x; echo; done; printf "no line feed"',
      ].join(';')
      // Of `local` the API of 20.10 gives a terminal's long lines without their ends, so that nobody can tell where the next begins.
      const long = driver.name === 'local' ? 'echo two' : 'head -c 51200 /dev/zero | tr "\\0" y; echo'
      await using api = await CollectingSource.open({ host: engine.host, read: 'api', include: { names: ['same-*'] } })
      await using read = await CollectingSource.open({
        host: engine.host,
        read: 'files',
        include: { names: ['same-*'] },
      })
      await until('both are connected', () => api.status.isConnected && read.status.isConnected)
      const names = ['same-odd', 'same-tty', 'same-again', 'same-turning', 'same-compressed']
      const [, , again] = await Promise.all([
        run('same-odd', shellContainer(odd, logged())),
        run('same-tty', shellContainer(`echo one; ${long}; printf "no line feed"`, { Tty: true, ...logged() })),
        run('same-again', shellContainer('echo first; printf tail', logged())),
        run(
          'same-turning',
          shellContainer(
            'i=0; while [ $i -lt 600 ]; do echo line $i; echo err $i >&2; i=$((i+1)); usleep 4000; done',
            files('10k', '9'),
          ),
        ),
        run(
          'same-compressed',
          shellContainer(
            'i=0; while [ $i -lt 300 ]; do echo line $i; i=$((i+1)); usleep 4000; done',
            files('10k', '9', 'true'),
          ),
        ),
      ])
      await engine.client.wait(again)
      await engine.client.act(again, 'start')
      const rowsOf = (source: CollectingSource) =>
        [...source.rows].map(([key, rows]) => [key, rows.map(recordOf)] as const).sort(([a], [b]) => (a < b ? -1 : 1))
      const counts = (source: CollectingSource) =>
        names.map((name) => source.texts(name).length + source.texts(name, 'stderr').length)
      for (const source of [read, api])
        await until('all lines came', () => counts(source).join() === '13,3,4,1200,300', {
          seen: () => counts(source),
          withinMs: 30_000,
        })
      expect(rowsOf(read)).toEqual(rowsOf(api))
      const { values } = await read.metrics.dockerHttpRequests.get()
      expect(values.reduce((sum, { value }) => sum + value, 0)).toBeLessThan(40)
    }, 60_000)

    test('a container goes from one reader to the other and back, and no line is missing or comes twice', async () => {
      const id = await run(
        'between',
        shellContainer(
          'i=0; while [ $i -lt 2000 ]; do echo line $i; echo err $i >&2; i=$((i+1)); [ $((i%5)) = 0 ] && usleep 5000; done',
          files('20k', '9'),
        ),
      )
      const cursors = new Map<string, Cursor>()
      const texts = { stdout: [] as string[], stderr: [] as string[] }
      for (let part = 0; texts.stdout.length + texts.stderr.length < 4_000; part++) {
        const read = part % 2 === 0 ? 'files' : 'api'
        await using source = await CollectingSource.open(
          { host: engine.host, read, include: { names: ['between'] } },
          cursors,
        )
        const seen = () => source.texts('between').length + source.texts('between', 'stderr').length
        const wanted = Math.min(4_000 - texts.stdout.length - texts.stderr.length, randomInt(1, 700))
        await until(`${wanted} lines came through ${read}`, () => seen() >= wanted, { seen, withinMs: 20_000 })
        await source.stop()
        texts.stdout.push(...source.texts('between'))
        texts.stderr.push(...source.texts('between', 'stderr'))
      }
      expect(texts.stdout).toEqual(Array.from({ length: 2_000 }, (_, i) => `line ${i}`))
      expect(texts.stderr).toEqual(Array.from({ length: 2_000 }, (_, i) => `err ${i}`))
      await engine.client.remove(id)
    }, 60_000)

    test('lines in the only file of a log do not wait until it is truncated', async () => {
      await using source = await CollectingSource.open({
        host: engine.host,
        read: 'files',
        include: { names: ['only', 'several'] },
      })
      await until('the source is connected', () => source.status.isConnected)
      const program = (lines: number) =>
        shellContainer(`i=0; while [ $i -lt ${lines} ]; do echo line $i; i=$((i+1)); usleep 1000; done`)
      const hurries: number[] = []
      const goOn = source.holdBack()
      source.onHurry = () => {
        hurries.push(source.texts('only').length)
        goOn()
      }
      const several = await run('several', { ...program(300), ...files('50k', '3') })
      await engine.client.wait(several)
      expect(hurries).toEqual([])
      const only = await run('only', { ...program(1_500), ...files('50k', '1') })
      await until('the source hurries', () => hurries.length > 0, { withinMs: 30_000 })
      await engine.client.wait(only)
      await until('all lines came', () => source.texts('only').length >= 1_500, {
        seen: () => source.texts('only').length,
      })
      expect(source.texts('only')).toEqual(Array.from({ length: 1_500 }, (_, i) => `line ${i}`))
      expect(source.texts('several')).toHaveLength(300)
      await engine.client.remove(only)
      await engine.client.remove(several)
    }, 60_000)

    test('containers that live for less than a second and remove themselves', async () => {
      await using source = await CollectingSource.open({
        host: engine.host,
        read: 'files',
        include: { names: ['brief-*'] },
      })
      await until('the source is connected', () => source.status.isConnected)
      await Promise.all(
        Array.from({ length: 10 }, (_, i) =>
          run(
            `brief-${i}`,
            shellContainer(`echo hello ${i}; sleep 0.8; echo bye ${i}`, {
              HostConfig: { ...logged().HostConfig, AutoRemove: true },
            }),
          ),
        ),
      )
      const lengths = () => [...source.rows].map(([key, rows]) => [key, rows.length] as const)
      await until(
        'all have said goodbye',
        () => lengths().length === 10 && lengths().every(([, length]) => length === 2),
        { seen: lengths },
      )
    })

    test('files that turn over at full speed: all that the engine can give in the end has come, each line once and in order', async () => {
      const program = 'BEGIN { for (i = 0; i < 40000; i++) printf "line %d of many, with some more text\\n", i }'
      const settings = [files('100k', '3'), files('100k', '3', 'true'), files('100k', '1')]
      await using source = await CollectingSource.open({
        host: engine.host,
        read: 'files',
        include: { names: ['fast-*'] },
      })
      await until('connected', () => source.status.isConnected)
      const ids = await Promise.all(
        settings.map((more, i) => run(`fast-${i}`, { Image: testImage, Cmd: ['awk', program], ...more })),
      )
      for (const [i, id] of ids.entries()) {
        const numbers = () => source.texts(`fast-${i}`).map((text) => Number(text.split(' ')[1]))
        await until(`the last line of fast-${i} came`, () => numbers().at(-1) === 39_999, {
          withinMs: 20_000,
          seen: () => numbers().length,
        })
        const readable = textsOf(await engine.client.logs(id)).map((text) => Number(text.split(' ')[1]))
        expect(numbers().slice(-readable.length)).toEqual(readable)
        expect(stepsBack(numbers())).toEqual([])
        process.stderr.write(
          `${driver.name}, fast-${i}: ${numbers().length} of 40,000 lines came, ${readable.length} can be read in the end\n`,
        )
      }
    }, 60_000)

    test('a running container whose log is deleted, or truncated by somebody else, is read on', async () => {
      await using source = await CollectingSource.open({
        host: engine.host,
        read: 'files',
        include: { names: ['deleted'] },
      })
      await until('connected', () => source.status.isConnected)
      const id = await run(
        'deleted',
        shellContainer(
          'echo one; while [ ! -e /go ]; do sleep 0.05; done; echo two; while [ ! -e /on ]; do sleep 0.05; done; echo three; sleep 100',
          logged(),
        ),
      )
      const touch = async (path: string) => {
        const exec = await engine.client.call('POST', `/containers/${id}/exec`, { Cmd: ['touch', path] })
        await engine.client.call('POST', `/exec/${(JSON.parse(exec.text) as { Id: string }).Id}/start`, {
          Detach: true,
        })
      }
      await until('the first line came', () => source.texts('deleted').length === 1)
      const { LogPath } = await engine.client.get<{ LogPath: string }>(`/containers/${id}/json`)
      const { DockerRootDir } = await engine.client.get<{ DockerRootDir: string }>('/info')
      const path = driver.pathOf(DockerRootDir, id)
      expect(LogPath).toBe(driver.name === 'local' ? '' : path)
      execFileSync('truncate', ['-s', '0', path])
      await touch('/go')
      await until('the second line came', () => source.texts('deleted').length === 2)
      rmSync(path)
      await touch('/on')
      await until('the third line came', () => source.texts('deleted').length === 3)
      expect(source.texts('deleted')).toEqual(['one', 'two', 'three'])
      await engine.client.remove(id)
    })
  })

  test("a terminal's long line, whose end the engine's API may not give, comes whole from a file of `local`", async () => {
    await using source = await CollectingSource.open({ host: engine.host, read: 'files' })
    const script =
      'head -c 51200 /dev/zero | tr "\\0" y; echo; head -c 16383 /dev/zero | tr "\\0" z; echo; echo two; printf "no line feed"'
    const body = { Tty: true, HostConfig: { LogConfig: { Type: 'local' } } }
    await run('long', shellContainer(script, body))
    await until('all lines came', () => source.texts('long').length === 4, { seen: () => source.texts('long').length })
    expect(source.texts('long')).toEqual(['y'.repeat(51_200), 'z'.repeat(16_383), 'two', 'no line feed'])
    const flags = [...source.rows.values()].flat().map((row) => row.flags)
    expect(flags).toEqual([0, 0, 0, lineFlags.unterminated])
  })
})
