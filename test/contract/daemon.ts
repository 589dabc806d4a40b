import { connect } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { type Frame, textsOf } from '../helpers/frames.ts'
import { until } from '../helpers/until.ts'
import { epochOf, newerOf, numbered, type Scene } from './scene.ts'

const writing = [
  { onTerm: '', exit: 0 },
  { lines: 100_000, everyMs: 10 },
]

export function daemonContract(scene: () => Scene): void {
  afterEach(async () => {
    // A test that failed half-way leaves the daemon down; the next ones must not fail with it.
    if (!(await scene().client.isAnswering())) await scene().engine.start()
    await scene().engine.setLiveRestore(false)
    await scene().client.removeAll()
  })

  /** What a resume from the last timestamp adds to what was followed. */
  const resumed = async (id: string, followed: readonly Frame[]) => {
    const since = epochOf(followed.at(-1)!.timestamp!)
    const rest = await scene().client.logs(id, { since })
    expect(rest[0]).toEqual(followed.at(-1))
    return [...followed, ...newerOf(rest, followed)]
  }

  const someLines = async (id: string) => {
    const follow = await scene().client.follow(id)
    await until('lines come', () => follow.frames().length > 5)
    return follow
  }

  test('SIGTERM: containers stop first, follows end or are cut, events are cut', async () => {
    const { client, engine } = scene()
    const id = await scene().run(writing)
    const follow = await someLines(id)
    const events = await client.events()
    await engine.stop()
    // A race within the daemon: 4 of 10 follows were cut before their last chunk.
    expect(['end', 'cut']).toContain(await follow.ended)
    expect(await events.ended).toBe('cut')
    expect(await connectError(engine.socketPath)).toBe('ENOENT')
    await engine.start()
    expect(await scene().statusOf(id)).toBe('exited')
    const whole = textsOf(await resumed(id, follow.frames()))
    expect(whole).toEqual(numbered('n', whole.length))
    expect(await eventsOf(id)).toEqual([])
  })

  test('SIGTERM under live-restore: follows are cut, containers run on', async () => {
    const { engine } = scene()
    await engine.setLiveRestore(true)
    const id = await scene().run(writing)
    const follow = await someLines(id)
    await engine.stop()
    expect(await follow.ended).toBe('cut')
    await engine.start()
    await expectOngoing(id, follow.frames())
  })

  test('SIGKILL under live-restore: follows are cut, containers run on, no line is lost', async () => {
    const { client, engine } = scene()
    await engine.setLiveRestore(true)
    const id = await scene().run(writing)
    const follow = await someLines(id)
    const events = await client.events()
    await engine.kill()
    expect([await follow.ended, await events.ended]).toEqual(['cut', 'cut'])
    expect(await connectError(engine.socketPath)).toBe('ECONNREFUSED')
    await engine.start()
    await expectOngoing(id, follow.frames())
    expect(await eventsOf(id)).toEqual([])
  })

  test('SIGKILL: containers run on until the next start, which ends them', async () => {
    const { engine } = scene()
    const id = await scene().run(writing)
    const follow = await someLines(id)
    await engine.kill()
    expect(await follow.ended).toBe('cut')
    await engine.start()
    expect(await scene().statusOf(id)).toBe('exited')
    const whole = textsOf(await resumed(id, follow.frames()))
    expect(whole).toEqual(numbered('n', whole.length))
    const actions = await eventsOf(id)
    expect(engine.major >= 28 ? actions.sort() : actions).toEqual(
      engine.major >= 28 ? ['die', 'kill', 'stop'] : ['kill', 'die', 'stop'],
    )
  })

  test('a restart policy brings containers back with the daemon', async () => {
    const { engine } = scene()
    const id = await scene().run(writing, { hostConfig: { RestartPolicy: { Name: 'unless-stopped' } } })
    await scene().untilLogged(id, 'n2')
    await engine.stop()
    await engine.start()
    await until('it runs again', async () => (await scene().statusOf(id)) === 'running')
  })

  const expectOngoing = async (id: string, followed: readonly Frame[]) => {
    expect(await scene().statusOf(id)).toBe('running')
    await until('new lines come', async () => (await scene().client.logs(id)).length > followed.length + 10)
    const whole = textsOf(await resumed(id, followed))
    expect(whole).toEqual(numbered('n', whole.length))
  }

  /** What the daemon remembers of a container. */
  const eventsOf = async (id: string) => {
    const events = await scene().client.events({ since: 1, until: Math.floor(Date.now() / 1000) + 1 })
    await events.ended
    return events.actionsOf(id)
  }
}

function connectError(socketPath: string): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const socket = connect(socketPath)
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code))
    socket.once('connect', () => {
      socket.destroy()
      reject(new Error('somebody listens'))
    })
  })
}
