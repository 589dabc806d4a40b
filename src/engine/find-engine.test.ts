import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { formatAddress } from './address.ts'
import { engineCandidates } from './find-engine.ts'

let home: string
beforeEach(() => (home = mkdtempSync(join(tmpdir(), 'home-'))))
afterEach(() => rmSync(home, { recursive: true }))

const found = (env: Record<string, string> = {}) =>
  engineCandidates({ env, home, userId: 1000 }).map(({ address, from }) => [from, formatAddress(address)])

function writeContext(name: string, host: string): void {
  const id = createHash('sha256').update(name).digest('hex')
  mkdirSync(join(home, '.docker', 'contexts', 'meta', id), { recursive: true })
  writeFileSync(
    join(home, '.docker', 'contexts', 'meta', id, 'meta.json'),
    JSON.stringify({ Name: name, Endpoints: { docker: { Host: host } } }),
  )
}

test('DOCKER_HOST is the only place when it is set', () => {
  expect(found({ DOCKER_HOST: 'tcp://10.1.1.1:2375' })).toEqual([['DOCKER_HOST', 'tcp://10.1.1.1:2375']])
})

test('the current context comes before the usual sockets', () => {
  writeContext('remote', 'ssh://me@build')
  writeFileSync(join(home, '.docker', 'config.json'), JSON.stringify({ currentContext: 'remote' }))
  expect(found()).toEqual([['docker context "remote"', 'ssh://me@build/var/run/docker.sock']])
})

test('DOCKER_CONTEXT chooses another context', () => {
  writeContext('other', 'tcp://10.2.2.2:2375')
  expect(found({ DOCKER_CONTEXT: 'other' })).toEqual([['docker context "other"', 'tcp://10.2.2.2:2375']])
})

test('otherwise the usual sockets, this user’s own first, Docker before Podman', () => {
  writeFileSync(join(home, 'unrelated'), '')
  expect(found({ XDG_RUNTIME_DIR: '/run/user/7' }).map(([from]) => from)).toEqual([
    '/run/user/7/docker.sock',
    `${home}/.docker/run/docker.sock`,
    '/var/run/docker.sock',
    '/run/user/7/podman/podman.sock',
    '/run/podman/podman.sock',
  ])
  expect(found()[0]).toEqual(['/run/user/1000/docker.sock', 'unix:///run/user/1000/docker.sock'])
})

test.each(['default', 'gone'])('the context "%s" is none', (name) => {
  mkdirSync(join(home, '.docker'))
  writeFileSync(join(home, '.docker', 'config.json'), JSON.stringify({ currentContext: name }))
  expect(found()).toHaveLength(5)
})

test('a broken client configuration names no engine', () => {
  mkdirSync(join(home, '.docker'))
  writeFileSync(join(home, '.docker', 'config.json'), '{"currentContext":')
  expect(found()).toHaveLength(5)
})
