import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { CollectingSource } from '../helpers/collected.ts'
import { describeWithEngine } from '../helpers/describe-with-engine.ts'
import { testImage } from '../helpers/engine-image.ts'
import { RealEngine } from '../helpers/real-engine.ts'
import { until } from '../helpers/until.ts'

const lines = 20_000

async function flood(engine: RealEngine): Promise<void> {
  await engine.client.run({ Image: testImage, Cmd: ['seq', '1', String(lines)] }, 'flood')
}

async function expectFlood(source: CollectingSource): Promise<void> {
  await until('all lines came', () => source.texts('flood').length >= lines, {
    withinMs: 20_000,
    seen: () => [source.status, source.texts('flood').length],
  })
  expect(source.texts('flood')).toEqual(Array.from({ length: lines }, (_, i) => String(i + 1)))
}

describeWithEngine('a docker source over', () => {
  test('tcp', async () => {
    await using engine = await RealEngine.open({ port: 'tcp' })
    await using source = await CollectingSource.open({ host: engine.portHost })
    await flood(engine)
    await expectFlood(source)
  }, 60_000)

  test('TLS with client certificates', async () => {
    await using engine = await RealEngine.open({ port: 'tls' })
    await using source = await CollectingSource.open({
      host: engine.portHost,
      tls: { cert_path: engine.certificateFolder },
    })
    await using stranger = await CollectingSource.open({ host: engine.portHost, tls: { verify: false } })
    await using distrustful = await CollectingSource.open({ host: engine.portHost?.replace('tcp:', 'https:') })
    await flood(engine)
    await expectFlood(source)
    await until(
      'the engine has refused us without a certificate',
      () => /certificate|closed/.test(stranger.status.detail),
      {
        seen: () => stranger.status,
      },
    )
    await until(
      'we have refused the engine without its authority',
      () => /certificate/i.test(distrustful.status.detail),
      { seen: () => distrustful.status },
    )
  }, 60_000)

  test('several engines at once', async () => {
    await using one = await RealEngine.open()
    await using two = await RealEngine.open()
    const sources = [await CollectingSource.open({ host: one.host }), await CollectingSource.open({ host: two.host })]
    await Promise.all([flood(one), flood(two)])
    for (const source of sources) {
      await expectFlood(source)
      await source.stop()
    }
  }, 60_000)
})

describeWithEngine('a docker source over ssh', () => {
  let folder: string
  let server: ReturnType<typeof spawn>
  let port: number
  const path = process.env['PATH']

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sshd-'))
    for (const name of ['host', 'client'])
      execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, name)])
    execFileSync('cp', [join(folder, 'client.pub'), join(folder, 'authorized_keys')])
    port = await freePort()
    const options = [
      'ListenAddress=127.0.0.1',
      `HostKey=${join(folder, 'host')}`,
      `AuthorizedKeysFile=${join(folder, 'authorized_keys')}`,
      'StrictModes=no',
      'PermitRootLogin=yes',
      'UsePAM=no',
      `PidFile=${join(folder, 'pid')}`,
    ]
    mkdirSync('/run/sshd', { recursive: true })
    server = spawn('/usr/sbin/sshd', ['-D', '-e', '-p', String(port), ...options.flatMap((option) => ['-o', option])], {
      stdio: 'ignore',
    })
    // The user's own ssh settings, as a wrapper that ssh finds first on PATH.
    writeFileSync(
      join(folder, 'ssh'),
      `#!/bin/sh\nexec /usr/bin/ssh -i ${join(folder, 'client')} -o UserKnownHostsFile=${join(folder, 'known')} -o StrictHostKeyChecking=accept-new "$@"\n`,
      { mode: 0o755 },
    )
    process.env['PATH'] = `${folder}:${path ?? ''}`
    await until('sshd listens', () => existsSync(join(folder, 'pid')))
  })

  afterEach(async () => {
    process.env['PATH'] = path
    const ended = new Promise((resolve) => server.once('exit', resolve))
    server.kill('SIGTERM')
    await ended
    rmSync(folder, { recursive: true })
  })

  test('one tunnel carries all streams, is opened again when it breaks, and leaves nothing behind', async () => {
    await using engine = await RealEngine.open()
    const source = await CollectingSource.open({ host: `ssh://root@127.0.0.1:${port}${engine.socketPath}` })
    await flood(engine)
    await expectFlood(source)
    const tunnels = () => childrenNamed('ssh')
    expect(tunnels()).toHaveLength(1)
    process.kill(tunnels()[0]!, 'SIGKILL')
    await until('the loss is noticed', () => !source.status.isConnected)
    await until('the tunnel is back', () => source.status.isConnected, { withinMs: 20_000, seen: () => source.status })
    await engine.client.run({ Image: testImage, Cmd: ['echo', 'after'] }, 'after')
    await until('lines come again', () => source.texts('after').length === 1)
    await source.stop()
    expect(tunnels()).toEqual([])
  }, 60_000)
})

function childrenNamed(name: string): number[] {
  const { stdout } = {
    stdout: execFileSync('ps', ['-o', 'pid=,comm=', '--ppid', String(process.pid)], { encoding: 'utf8' }),
  }
  return stdout
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, command]) => command === name)
    .map(([pid]) => Number(pid))
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => probe.once('listening', resolve))
  const { port } = probe.address() as AddressInfo
  await new Promise((resolve) => probe.close(resolve))
  return port
}
