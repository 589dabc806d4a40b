import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { examine } from './examine.ts'
import { options } from './schema.ts'

interface Asked {
  readonly method: string | undefined
  readonly authorization: string | undefined
  readonly tenant: string | undefined
}

/** Asks a server that answers everything with this status, by a clock of its own. */
async function askServer(status: number, aheadSeconds = 0) {
  const asked: Asked[] = []
  const server = createServer(({ method, headers }, response) => {
    asked.push({ method, authorization: headers.authorization, tenant: headers['x-scope-orgid'] as string | undefined })
    response.sendDate = false
    response.writeHead(status, { date: new Date(Date.now() + aheadSeconds * 1_000).toUTCString() }).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const signal = new AbortController().signal
  const chosen = options.parse({ url, tenant: 'team', auth: { token: 'secret' } })
  const { findings } = await examine(chosen, { id: 'loki', containers: 1, signal })
  const closed = once(server, 'close')
  server.close()
  await closed
  return { findings, asked }
}

test.each([
  [401, 0, /set auth/],
  [403, 0, /correct auth and tenant/],
  [404, 0, /correct url/],
  [503, 0, /its own log/],
  [405, -3_600, /NTP/],
  [405, 3_600, /NTP/],
])('a server that answers %d, with a clock %d s ahead', async (status, aheadSeconds, cure) => {
  const { findings } = await askServer(status, aheadSeconds)
  expect(findings.filter((finding) => finding.status !== 'ok')).toMatchObject([
    { status: 'mend', cure: expect.stringMatching(cure) as string },
  ])
})

test('a Loki is asked for nothing and given nothing: the push endpoint says that it takes no GET', async () => {
  const { findings, asked } = await askServer(405)
  expect(findings).toMatchObject([{ status: 'ok' }])
  expect(asked).toEqual([{ method: 'GET', authorization: 'Bearer secret', tenant: 'team' }])
})
