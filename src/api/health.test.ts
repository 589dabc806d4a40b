import { expect, test } from 'vitest'
import { type Health, judgeHealth } from './health.ts'
import { cleanWatch } from './testing.ts'

const source = (isConnected: boolean): Health['sources'][number] => ({
  id: 'engine',
  isConnected,
  detail: isConnected ? 'Docker' : 'connection refused',
  streams: 1,
})
const sink = (trouble: string | undefined): Health['sinks'][number] => ({
  id: 'disk',
  queuedBytes: 0,
  queuedBatches: 0,
  diskBytes: 0,
  diskLines: 0,
  lagSeconds: 0,
  breaker: 'closed',
  concurrency: 1,
  trouble,
})

test.each([
  {
    what: 'all is well',
    sources: [source(true)],
    sinks: [sink(undefined)],
    troubles: [],
    status: 'ok',
    isReady: true,
    reasons: [],
  },
  {
    what: 'a sink is away',
    sources: [source(true)],
    sinks: [sink('busy')],
    troubles: [],
    status: 'degraded',
    isReady: true,
    reasons: ['sink "disk" sends again: busy'],
  },
  {
    what: 'something else is wrong',
    sources: [source(true)],
    sinks: [],
    troubles: ['no cursors'],
    status: 'degraded',
    isReady: true,
    reasons: ['no cursors'],
  },
  {
    what: 'an engine is away',
    sources: [source(false)],
    sinks: [],
    troubles: [],
    status: 'not ready',
    isReady: false,
    reasons: ['source "engine" is not connected: connection refused'],
  },
])('$what: $status', ({ sources, sinks, troubles, status, isReady, reasons }) => {
  const health = judgeHealth({ version: '1', uptimeSeconds: 1, sources, sinks, watch: cleanWatch, troubles })
  expect(health).toEqual({
    status,
    isReady,
    reasons,
    version: '1',
    uptimeSeconds: 1,
    sources,
    sinks,
    watch: cleanWatch,
  })
})
