import { beforeAll, expect, test } from 'vitest'
import { textsOf } from '../helpers/frames.ts'
import { epochOf, type Scene } from './scene.ts'

export function queryContract(scene: () => Scene): void {
  let id: string
  /** The time of line `n`, of five. */
  let at: (n: number, plusNanos?: bigint) => string

  beforeAll(async () => {
    id = await scene().runToEnd([{ lines: 5, everyMs: 2, prefix: '' }])
    const frames = await scene().client.logs(id)
    at = (n, plusNanos) => epochOf(frames[n - 1]!.timestamp!, plusNanos)
  })

  const lines = async (query: Record<string, string>) =>
    textsOf(await scene().client.logs(id, query))
      .join('')
      .replaceAll('\n', '')

  test.each<[string, () => Record<string, string>, string]>([
    ['since includes its own time', () => ({ since: at(3) }), '345'],
    ['since is exact to the nanosecond', () => ({ since: at(3, 1n) }), '45'],
    ['until includes its own time', () => ({ until: at(3) }), '123'],
    ['until is exact to the nanosecond', () => ({ until: at(3, -1n) }), '12'],
    ['since and until may be the same', () => ({ since: at(3), until: at(3) }), '3'],
    ['a tenth digit is read over', () => ({ since: `${at(3)}0` }), '345'],
    ['whole seconds are enough', () => ({ since: at(1).split('.')[0]! }), '12345'],
    ['0 is no limit', () => ({ since: '0', until: '0' }), '12345'],
    ['tail counts from the end', () => ({ tail: '2' }), '45'],
    ['tail 0 is nothing', () => ({ tail: '0' }), ''],
    ['tail all is everything', () => ({ tail: 'all' }), '12345'],
    ['a tail that is no number is everything', () => ({ tail: 'some' }), '12345'],
    ['a negative tail is everything', () => ({ tail: '-2' }), '12345'],
    ['a tail longer than the log is everything', () => ({ tail: '100' }), '12345'],
    ['tail comes before until', () => ({ tail: '2', until: at(3) }), ''],
    ['tail comes before since', () => ({ tail: '4', since: at(3) }), '345'],
    ['a follow takes since', () => ({ follow: '1', since: at(4) }), '45'],
    ['a follow takes until', () => ({ follow: '1', until: at(2) }), '12'],
  ])('%s', async (_fact, query, expected) => {
    expect(await lines(query())).toBe(expected)
  })

  test.each(['2026-11-23T12:48:58Z', '1e9', 'yesterday'])('since=%s is refused', async (since) => {
    const { status, text } = await scene().client.request('GET', `/containers/${id}/logs?stdout=1&since=${since}`)
    expect([status, text]).toEqual([500, expect.stringContaining('strconv.ParseInt')])
  })

  test('a fraction is scaled by its length', async () => {
    const [seconds = ''] = at(1).split('.')
    // All five lie in the same second or the next: half a nanosecond's reading would take none or all.
    expect(await lines({ since: `${Number(seconds) + 2}.05` })).toBe('')
    expect(await lines({ since: `${Number(seconds) - 1}.9999999999` })).toBe('12345')
  })

  test('a follow with tail 0 gives what is new, and its head at once', async () => {
    const running = await scene().run([{ print: 'old\n' }, { onTerm: 'new\n', exit: 0 }, { forever: true }])
    await scene().untilLogged(running, 'old')
    const follow = await scene().client.follow(running, { tail: 0 })
    expect(follow.status).toBe(200)
    await scene().client.act(running, 'stop')
    expect(await follow.ended).toBe('end')
    expect(textsOf(follow.frames())).toEqual(['new\n'])
  })

  test('a follow on a container that was never started ends at once', async () => {
    const created = await scene().create([{ print: 'x\n' }])
    const follow = await scene().client.follow(created)
    expect([follow.status, await follow.ended, follow.bytes().length]).toEqual([200, 'end', 0])
  })

  test('a terminal log takes since', async () => {
    const tty = await scene().runToEnd([{ lines: 3, everyMs: 2, prefix: '' }], { isTty: true })
    const path = `/containers/${tty}/logs?stdout=1&timestamps=1`
    const { text } = await scene().client.request('GET', path)
    const second = text.split('\r\n')[1]!.split(' ')[0]!
    const rest = await scene().client.request('GET', `${path}&since=${epochOf(second)}`)
    expect(rest.text).toBe(text.slice(text.indexOf(second)))
  })

  test('rotation removes the oldest lines and keeps the newest in order', async () => {
    const log = { Type: 'json-file', Config: { 'max-size': '10k', 'max-file': '2' } }
    const rotated = await scene().runToEnd([{ lines: 2_000, prefix: '', padTo: 20 }], {
      hostConfig: { LogConfig: log },
    })
    const numbers = textsOf(await scene().client.logs(rotated)).map((text) => Number.parseInt(text))
    expect(numbers.length).toBeGreaterThan(50)
    expect(numbers.length).toBeLessThan(400)
    expect(numbers).toEqual(Array.from(numbers, (_, i) => 2_001 - numbers.length + i))
    const tail = await scene().client.logs(rotated, { tail: 3 })
    expect(textsOf(tail).map((text) => Number.parseInt(text))).toEqual([1998, 1999, 2000])
  })

  test('the order of a stream is the order of its timestamps', async () => {
    const busy = await scene().runToEnd([{ lines: 5_000, to: 'both' }])
    const frames = await scene().client.logs(busy)
    for (const stream of ['stdout', 'stderr']) {
      const own = frames.filter((frame) => frame.stream === stream)
      expect(own.map(({ payload }) => payload.toString())).toEqual(own.map((_, i) => `n${i + 1}\n`))
      const times = own.map(({ timestamp }) => timestamp!)
      expect(times).toEqual([...times].sort())
      expect(new Set(times).size).toBe(5_000)
    }
  })
}
