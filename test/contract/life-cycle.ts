import { expect, test } from 'vitest'
import { textsOf } from '../helpers/frames.ts'
import { until } from '../helpers/until.ts'
import { newerOf, numbered, type Scene } from './scene.ts'

const forever = { forever: true } as const

export function lifeCycleContract(scene: () => Scene): void {
  /** From 28 on `stop` may be told before `die`. */
  const inOrder = (actions: string[]) => (scene().engine.major >= 28 ? [...actions].sort() : actions)

  test('stop: TERM, the last words, the exit code', async () => {
    const { client } = scene()
    await using events = await client.events()
    const id = await scene().run([{ onTerm: 'bye\n', exit: 7 }, { print: 'up\n' }, forever])
    const follow = await client.follow(id)
    await scene().untilLogged(id, 'up')
    await client.act(id, 'stop')
    expect(await follow.ended).toBe('end')
    expect(textsOf(follow.frames())).toEqual(['up\n', 'bye\n'])
    await events.next(id, 'stop')
    const die = await events.next(id, 'die')
    expect(die.Actor.Attributes['exitCode']).toBe('7')
    expect((await events.next(id, 'kill')).Actor.Attributes['signal']).toBe('15')
    expect(inOrder(events.actionsOf(id))).toEqual(inOrder(['create', 'start', 'kill', 'die', 'stop']))
    const again = await client.request('POST', `/containers/${id}/stop`)
    expect(again.status).toBe(304)
  })

  test('stop: KILL when TERM is ignored', async () => {
    const { client } = scene()
    await using events = await client.events()
    const id = await scene().run([{ ignoreSignals: true }, { print: 'up\n' }, forever])
    await scene().untilLogged(id, 'up')
    const follow = await client.follow(id)
    await client.act(id, 'stop', { t: 1 })
    expect(await follow.ended).toBe('end')
    await events.next(id, 'stop')
    expect((await events.next(id, 'die')).Actor.Attributes['exitCode']).toBe('137')
    expect(inOrder(events.actionsOf(id))).toEqual(inOrder(['create', 'start', 'kill', 'kill', 'die', 'stop']))
  })

  test('kill: no stop', async () => {
    const { client } = scene()
    await using events = await client.events()
    const id = await scene().run([forever])
    const follow = await client.follow(id)
    await client.act(id, 'kill')
    expect(await follow.ended).toBe('end')
    await events.next(id, 'die')
    expect(events.actionsOf(id)).toEqual(['create', 'start', 'kill', 'die'])
    expect((await client.request('POST', `/containers/${id}/kill`)).status).toBe(409)
  })

  test('a signal that the process ignores ends nothing', async () => {
    const { client } = scene()
    await using events = await client.events()
    const id = await scene().run([{ ignoreSignals: true }, { print: 'up\n' }, forever])
    await scene().untilLogged(id, 'up')
    const follow = await client.follow(id)
    await client.act(id, 'kill', { signal: 'HUP' })
    expect((await events.next(id, 'kill')).Actor.Attributes['signal']).toBe('1')
    expect([await scene().statusOf(id), follow.end]).toEqual(['running', undefined])
    await client.remove(id)
    expect(await follow.ended).toBe('end')
  })

  test('restart: the follow ends, the log goes on', async () => {
    const { client } = scene()
    await using events = await client.events()
    const id = await scene().run([{ onTerm: 'bye\n', exit: 0 }, { print: 'up\n' }, forever])
    await scene().untilLogged(id, 'up')
    const follow = await client.follow(id)
    const before = await client.get<{ State: { StartedAt: string } }>(`/containers/${id}/json`)
    await client.act(id, 'restart')
    expect(await follow.ended).toBe('end')
    expect(textsOf(follow.frames())).toEqual(['up\n', 'bye\n'])
    await events.next(id, 'restart')
    expect(inOrder(events.actionsOf(id))).toEqual(
      inOrder(['create', 'start', 'kill', 'die', 'stop', 'start', 'restart']),
    )
    await until('both runs are in the log', async () => textsOf(await client.logs(id)).length === 3)
    expect(textsOf(await client.logs(id))).toEqual(['up\n', 'bye\n', 'up\n'])
    const after = await client.get<{ State: { StartedAt: string } }>(`/containers/${id}/json`)
    expect(after.State.StartedAt).not.toBe(before.State.StartedAt)
    await client.remove(id)
  })

  test('pause and unpause: the follow stays', async () => {
    const { client } = scene()
    await using events = await client.events()
    const id = await scene().run([{ lines: 100_000, everyMs: 5 }])
    const follow = await client.follow(id)
    await until('lines come', () => follow.frames().length > 2)
    await client.act(id, 'pause')
    expect(await scene().statusOf(id)).toBe('paused')
    // What the engine had taken before the pause may still be on its way.
    const paused = await client.logs(id)
    await until('the follow has what was logged', () => follow.frames().length >= paused.length)
    expect((await client.request('POST', `/containers/${id}/pause`)).status).toBe(409)
    expect((await client.logs(id)).length).toBe(paused.length)
    await client.act(id, 'unpause')
    await until('lines come again', () => follow.frames().length > paused.length)
    expect(follow.end).toBeUndefined()
    await events.next(id, 'unpause')
    // A busy 20.10 told of the pause once more, after the end of it.
    expect([...new Set(events.actionsOf(id))]).toEqual(['create', 'start', 'pause', 'unpause'])
    await client.remove(id)
    await follow.ended
  })

  test('forced removal: the follow ends and the log is gone', async () => {
    const { client } = scene()
    await using events = await client.events()
    const id = await scene().run([{ print: 'up\n' }, forever])
    await scene().untilLogged(id, 'up')
    const follow = await client.follow(id)
    expect((await client.request('DELETE', `/containers/${id}`)).status).toBe(409)
    await client.remove(id)
    expect(await follow.ended).toBe('end')
    await events.next(id, 'destroy')
    expect(events.actionsOf(id)).toEqual(['create', 'start', 'kill', 'die', 'destroy'])
    const { status, text } = await client.request('GET', `/containers/${id}/logs?stdout=1`)
    expect([status, JSON.parse(text)]).toEqual([404, { message: `No such container: ${id}` }])
  })

  test('rename: told with both names, the follow stays', async () => {
    const { client } = scene()
    await using events = await client.events()
    const id = await client.create({ Image: scene().engine.image, Cmd: scene().engine.commandOf([forever]) }, 'name-1')
    await client.act(id, 'start')
    const follow = await client.follow(id)
    await client.act(id, 'rename', { name: 'name-2' })
    const { Attributes } = (await events.next(id, 'rename')).Actor
    expect([Attributes['name'], Attributes['oldName'], follow.end]).toEqual(['name-2', '/name-1', undefined])
    const [listed] = await client.get<{ Names: string[] }[]>(
      `/containers/json?filters=${encodeURIComponent(JSON.stringify({ id: [id] }))}`,
    )
    expect(listed!.Names).toEqual(['/name-2'])
    await client.remove(id)
    await follow.ended
  })

  test('a restart policy: the follow ends at the first exit, the log has every run', async () => {
    const { client } = scene()
    await using events = await client.events()
    const restart = { RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 2 } }
    const id = await scene().run([{ print: 'up\n' }, { sleepMs: 100 }, { exit: 3 }], { hostConfig: restart })
    const follow = await client.follow(id)
    expect(await follow.ended).toBe('end')
    expect(textsOf(follow.frames())).toEqual(['up\n'])
    await until('three runs have ended', () => events.actionsOf(id).filter((action) => action === 'die').length === 3)
    expect(textsOf(await client.logs(id))).toEqual(['up\n', 'up\n', 'up\n'])
    const { RestartCount } = await client.get<{ RestartCount: number }>(`/containers/${id}/json`)
    expect(RestartCount).toBe(2)
    expect(events.actionsOf(id)).toEqual(['create', 'start', 'die', 'start', 'die', 'start', 'die'])
  })

  test('--rm: who follows from the start gets every line, then the container is gone', async () => {
    const { client } = scene()
    await using events = await client.events()
    const steps = [{ sleepMs: 200 }, { lines: 100 }]
    const id = await scene().run(steps, { hostConfig: { AutoRemove: true } })
    const follow = await client.follow(id)
    expect(await follow.ended).toBe('end')
    expect(textsOf(follow.frames())).toEqual(numbered('n', 100))
    await events.next(id, 'destroy')
    expect(events.actionsOf(id)).toEqual(['create', 'start', 'die', 'destroy'])
    expect((await client.request('GET', `/containers/${id}/json`)).status).toBe(404)
  })

  test('the read after the end of a follow has the tail that 20.10 may keep back', async () => {
    const { client } = scene()
    for (let attempt = 0; attempt < 5; attempt++) {
      const id = await scene().run([{ sleepMs: 50 }, { print: 'line\n' }, { print: 'tail' }])
      const follow = await client.follow(id)
      expect(await follow.ended).toBe('end')
      const followed = follow.frames()
      expect(textsOf([...followed, ...newerOf(await client.logs(id), followed)])).toEqual(['line\n', 'tail'])
    }
  })

  test('a follow over rotations, merged by time with the read after its end, is whole', async () => {
    const { client } = scene()
    const log = { Type: 'json-file', Config: { 'max-size': '10k', 'max-file': '3' } }
    const id = await scene().run([{ lines: 600, everyMs: 1 }], { hostConfig: { LogConfig: log } })
    const follow = await client.follow(id)
    expect(await follow.ended).toBe('end')
    const followed = newerOf(follow.frames())
    const rest = newerOf(await client.logs(id), followed)
    expect(textsOf([...followed, ...rest])).toEqual(numbered('n', 600))
  })
}
