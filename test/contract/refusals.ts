import { expect, test } from 'vitest'
import type { Scene } from './scene.ts'

/** Requests that an engine refuses, and system requests. */
export function refusalContract(scene: () => Scene): void {
  const answer = async (method: 'GET' | 'POST' | 'DELETE', path: string, body?: object) => {
    const { status, text, headers } = await scene().client.request(method, path, body)
    return { status, headers, message: text === '' ? '' : (JSON.parse(text) as { message: string }).message }
  }

  test.each([
    ['GET', '/containers/nosuch/json'],
    ['GET', '/containers/nosuch/logs?stdout=1'],
    ['GET', '/containers/nosuch/logs?stdout=1&follow=1'],
    ['POST', '/containers/nosuch/start'],
    ['POST', '/containers/nosuch/stop'],
    ['DELETE', '/containers/nosuch'],
  ] as const)('404 for an unknown container: %s %s', async (method, path) => {
    const { status, message } = await answer(method, path)
    expect([status, message]).toEqual([404, 'No such container: nosuch'])
  })

  test('404 for an unknown path', async () => {
    expect(await answer('GET', '/nosuch')).toMatchObject({ status: 404, message: 'page not found' })
  })

  test('400 when no stream is chosen', async () => {
    const id = await scene().runToEnd([{ print: 'x\n' }])
    const { status, message } = await answer('GET', `/containers/${id}/logs?timestamps=1`)
    expect([status, message]).toEqual([400, 'Bad parameters: you must choose at least one stream'])
  })

  test('409 for a name that is taken', async () => {
    const { client, engine } = scene()
    const body = { Image: engine.image, Cmd: engine.commandOf([{ exit: 0 }]) }
    const id = await client.create(body, 'taken')
    const { status, message } = await answer('POST', '/containers/create?name=taken', body)
    expect([status, message]).toEqual([
      409,
      `Conflict. The container name "/taken" is already in use by container "${id}". You have to remove (or rename) that container to be able to reuse that name.`,
    ])
    await client.remove(id)
  })

  test('400 for a name with a space', async () => {
    const body = { Image: scene().engine.image, Cmd: scene().engine.commandOf([{ exit: 0 }]) }
    expect(await answer('POST', '/containers/create?name=a%20b', body)).toMatchObject({
      status: 400,
      message: 'Invalid container name (a b), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed',
    })
  })

  test.each([
    ['none', {}],
    ['syslog', { 'cache-disabled': 'true', 'syslog-address': 'udp://127.0.0.1:9' }],
  ])('501 for the log of driver %s', async (Type, Config) => {
    const id = await scene().runToEnd([{ print: 'x\n' }], { hostConfig: { LogConfig: { Type, Config } } })
    for (const follow of [0, 1]) {
      const { status, message, headers } = await answer('GET', `/containers/${id}/logs?stdout=1&follow=${follow}`)
      expect([status, message]).toEqual([501, 'configured logging driver does not support reading'])
      expect(headers['content-type']).toBe('application/json')
    }
  })

  test('the log of a remote driver is read through the cache', async () => {
    const log = { Type: 'syslog', Config: { 'syslog-address': 'udp://127.0.0.1:9' } }
    const id = await scene().runToEnd([{ print: 'x\n' }], { hostConfig: { LogConfig: log } })
    expect((await scene().client.logs(id)).map(({ payload }) => payload.toString())).toEqual(['x\n'])
    const { LogPath } = await scene().client.get<{ LogPath: string }>(`/containers/${id}/json`)
    expect(LogPath).toBe('')
  })

  test('a start of what runs, and of what cannot run', async () => {
    const { client, engine } = scene()
    const id = await scene().run([{ forever: true }])
    expect((await client.request('POST', `/containers/${id}/start`)).status).toBe(304)
    await client.remove(id)
    const broken = await client.create({ Image: engine.image, Cmd: ['/no/such/program'] })
    const { status, message } = await answer('POST', `/containers/${broken}/start`)
    expect([status, message]).toEqual([400, expect.stringContaining('/no/such/program')])
    await client.remove(broken)
  })

  test('versions: what is too old or too new is refused, what is between is spoken', async () => {
    const { client } = scene()
    const { ApiVersion, MinAPIVersion } = await client.get<{ ApiVersion: string; MinAPIVersion: string }>('/version')
    const next = (version: string, by: number) => version.replace(/\d+$/, (minor) => String(Number(minor) + by))
    expect(await answer('GET', `/v${next(ApiVersion, 1)}/_ping`)).toMatchObject({
      status: 400,
      message: `client version ${next(ApiVersion, 1)} is too new. Maximum supported API version is ${ApiVersion}`,
    })
    const old = await client.request('GET', `/v${next(MinAPIVersion, -1)}/info`)
    expect([old.status, old.text]).toEqual([400, expect.stringContaining('is too old. Minimum supported API version')])
    for (const version of [ApiVersion, MinAPIVersion]) {
      expect((await client.request('GET', `/v${version}/_ping`)).status).toBe(200)
    }
  })

  test('a ping tells the version, with GET and with HEAD', async () => {
    const { client } = scene()
    const { ApiVersion } = await client.get<{ ApiVersion: string }>('/version')
    for (const method of ['GET', 'HEAD'] as const) {
      const { status, headers, text } = await client.request(method, '/_ping')
      expect([status, headers['api-version'], text]).toEqual([200, ApiVersion, method === 'GET' ? 'OK' : ''])
    }
  })

  test('inspect and list have what labels are made of', async () => {
    const { client, engine } = scene()
    const labels = { 'com.docker.compose.service': 'web', other: '' }
    const id = await scene().create([{ exit: 0 }], { labels, isTty: true, environment: ['A=b'] })
    const inspected = await client.get<{ Created: string; LogPath: string; Config: { Env: string[] } }>(
      `/containers/${id}/json`,
    )
    expect(inspected).toMatchObject({
      Id: id,
      Config: { Image: engine.image, Tty: true, Labels: labels },
      HostConfig: { LogConfig: { Type: 'json-file' }, AutoRemove: false },
      RestartCount: 0,
      State: { Status: 'created', Running: false, FinishedAt: '0001-01-01T00:00:00Z' },
    })
    expect(inspected.Config.Env).toContain('A=b')
    expect(inspected.Created).toMatch(/^\d{4}-\d\d-\d\dT[\d:]{8}(\.\d*[1-9])?Z$/)
    const query = (filters: object) =>
      client.get<{ Id: string }[]>(`/containers/json?all=1&filters=${encodeURIComponent(JSON.stringify(filters))}`)
    const [listed] = await query({ id: [id] })
    expect(listed).toMatchObject({ Id: id, Image: engine.image, Labels: labels, State: 'created' })
    const found = async (filters: object) => (await query(filters)).some(({ Id }) => Id === id)
    expect(await found({ label: ['com.docker.compose.service=web'] })).toBe(true)
    expect(await found({ label: ['com.docker.compose.service=db'] })).toBe(false)
    expect(await found({ status: ['created'] })).toBe(true)
    expect(await found({ status: ['running', 'exited'] })).toBe(false)
    const running = await client.get<{ Id: string }[]>('/containers/json')
    expect(running.some(({ Id }) => Id === id)).toBe(false)
    await client.remove(id)
  })
}
