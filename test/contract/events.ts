import { expect, test } from 'vitest'
import type { ContainerEvent } from '../helpers/engine-client.ts'
import { until } from '../helpers/until.ts'
import type { Scene } from './scene.ts'

/** Events of one name or more: `key` is the API's word for them. */
const filtersOf = (filters: object) => JSON.stringify(filters)

export function eventContract(scene: () => Scene): void {
  test('an event has what a collector reads, and all labels', async () => {
    const { client, engine } = scene()
    await using events = await client.events()
    const id = await scene().runToEnd([{ exit: 3 }], { labels: { app: 'web', 'a.b': 'c' } })
    const die = await events.next(id, 'die')
    expect(die).toMatchObject({ Type: 'container', Action: 'die', time: Number(die.timeText.slice(0, 10)) })
    expect(die.Actor.Attributes).toMatchObject({ app: 'web', 'a.b': 'c', exitCode: '3', image: engine.image })
    expect(die.timeText).toMatch(/^\d{19}$/)
    expect('execDuration' in die.Actor.Attributes).toBe(engine.major >= 28)
  })

  test('since and until include their own time, to the nanosecond', async () => {
    const { client } = scene()
    await using live = await client.events()
    const id = await scene().runToEnd([{ exit: 0 }])
    const die = await live.next(id, 'die')
    const time = (plus: bigint) => {
      const nanos = BigInt(die.timeText) + plus
      return `${nanos / 1_000_000_000n}.${String(nanos % 1_000_000_000n).padStart(9, '0')}`
    }
    const actions = async (since: string, until: string) => {
      const events = await client.events({ since, until })
      expect(await events.ended).toBe('end')
      return events.actionsOf(id)
    }
    expect(await actions(time(0n), time(0n))).toEqual(['die'])
    expect(await actions(time(1n), time(1n))).toEqual([])
    expect(await actions('1', time(-1n))).toEqual(['create', 'start'])
    expect(await actions('1', time(0n))).toEqual(['create', 'start', 'die'])
  })

  test('bad times and bad filters are refused', async () => {
    const { client, engine } = scene()
    expect((await client.request('GET', '/events?since=2026-11-23T12:48:58Z')).status).toBe(500)
    expect((await client.request('GET', '/events?filters=nonsense')).status).toBe(engine.major >= 28 ? 400 : 500)
  })

  test('filters choose by event, container and label, in both forms', async () => {
    const { client } = scene()
    const chosen = [
      { type: ['container'], event: ['die'] },
      { type: { container: true }, event: { die: true } },
      { type: ['container'], event: ['die', 'start'], label: ['app=web'] },
      { label: ['app'], event: ['start'] },
    ]
    const streams = await Promise.all(chosen.map((filters) => client.events({ filters: filtersOf(filters) })))
    await using all = await client.events()
    const web = await scene().runToEnd([{ exit: 0 }], { labels: { app: 'web' } })
    const db = await scene().runToEnd([{ exit: 0 }], { labels: { app: 'db' } })
    await all.next(db, 'die')
    const expected = [
      [['die'], ['die']],
      [['die'], ['die']],
      [['start', 'die'], []],
      [['start'], ['start']],
    ]
    for (const [i, stream] of streams.entries()) {
      const seen = () => [stream.actionsOf(web), stream.actionsOf(db)]
      await until('the filtered events came', () => JSON.stringify(seen()) === JSON.stringify(expected[i]), { seen })
      await stream.close()
    }
  })

  test('the newest 256 events are remembered', async () => {
    const { client } = scene()
    const id = await scene().create([{ exit: 0 }])
    for (let i = 1; i <= 300; i++) await client.act(id, 'rename', { name: `history-${i}` })
    const events = await client.events({ since: 1, until: Math.floor(Date.now() / 1000) + 1 })
    await events.ended
    const names = events.all().map(({ Actor }: ContainerEvent) => Actor.Attributes['name'])
    expect(names).toEqual(Array.from({ length: 256 }, (_, i) => `history-${i + 45}`))
    await client.remove(id)
  })
}
