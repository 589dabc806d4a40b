import type { Engine } from '../engine/engine.ts'
import { EngineStatusError } from '../engine/engine-error.ts'
import { dockerPieces, podmanPieces } from '../engine/line-writer.ts'
import type { EngineFacts } from '../engine/negotiate.ts'
import { formatEpoch } from '../lib/timestamp.ts'
import type { LogWindow, TruthContainer, TruthSource } from './truth.ts'

/** A bounded read may be silent while the engine searches, not for ever. */
const idleTimeoutMs = 300_000
/** The container is gone. */
const notFound = 404
/** Its log driver keeps nothing that could be read. */
const notImplemented = 501

/** The truth as the engine's API gives it. */
export function engineSource(engine: Engine, facts: EngineFacts): TruthSource {
  return {
    host: facts.host,
    clockAheadSeconds: facts.clockAheadSeconds,
    rules: facts.isPodman ? podmanPieces : dockerPieces,
    list: (signal) => listContainers(engine, signal),
    async readLog(container, window, feed, signal) {
      const onBody = (bytes: Buffer, from: number, to: number) => {
        feed(bytes, from, to)
        return true
      }
      const query = queryOf(window, facts)
      try {
        await using stream = await engine.openLog(container.id, query, { onBody, idleTimeoutMs }, signal)
        const end = await stream.ended
        signal.throwIfAborted()
        if (end.kind === 'failed') throw end.error
        return undefined
      } catch (error) {
        if (!(error instanceof EngineStatusError)) throw error
        const isForAll = error.status === notFound || error.status === notImplemented
        return { reason: error.message, isForAll }
      }
    },
  }
}

function queryOf({ streams, since, until }: LogWindow, { isPodman }: EngineFacts) {
  return {
    follow: false,
    stdout: streams.includes('stdout'),
    stderr: streams.includes('stderr'),
    ...(since ? { since: formatEpoch(since.seconds, since.nanos) } : {}),
    ...(until ? { until: formatEpoch(until.seconds + (isPodman ? 1 : 0), until.nanos) } : {}),
  }
}

async function listContainers(engine: Engine, signal: AbortSignal): Promise<TruthContainer[]> {
  const listed = await engine.list(signal)
  return listed.map(({ Id, Names, Image, Labels, State }) => {
    const names = (Names ?? []).map((name) => name.replace(/^\//, ''))
    return {
      id: Id,
      name: names.find((name) => !name.includes('/')) ?? names[0] ?? '',
      image: Image ?? '',
      labels: Labels ?? {},
      isRunning: State === 'running' || State === 'paused' || State === 'restarting',
    }
  })
}
