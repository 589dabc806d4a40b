import type { Pipeline } from '../../pipeline/pipeline.ts'
import type { Metrics } from '../../telemetry/metrics.ts'
import { valueOf } from '../metric-value.ts'
import { activeHandles, type HeapFloor, openDescriptors, threads } from './read-held.ts'
import type { Held, Load } from './resources.ts'

/** What is looked at. */
export interface Observed {
  readonly metrics: Metrics
  readonly pipeline: Pick<Pipeline, 'sources' | 'sinks'>
  /** Connections of clients to the API, now. */
  readonly apiConnections: () => number
}

export interface Observation {
  readonly held: Held
  readonly load: Load
  /** All open descriptors. */
  readonly descriptors: number
  /** After the last full collection, whenever that was. */
  readonly heapBytes: number
}

/** Containers that are looked after and of which nothing is read. */
const quietStates = ['ended', 'unreadable']

/** Looks once. 0.1 ms of processor time. */
export async function observe({ metrics, pipeline, apiConnections }: Observed, heap: HeapFloor): Promise<Observation> {
  const threadCount = await threads()
  // Asking a source for its status brings its gauges up to date.
  pipeline.sources()
  const requests = pipeline.sinks().reduce((sum, { concurrency }) => sum + concurrency, 0)
  const descriptors = await openDescriptors()
  // Without a turn of the event loop in between, so that kernel and ledger are of one moment.
  const opened = await valueOf(metrics.dockerHttpOpened)
  const open = opened - (await valueOf(metrics.dockerHttpClosed))
  const known = (await valueOf(metrics.sinkOpenFiles)) + apiConnections()
  const { sockets, timers } = activeHandles()
  const states = (await metrics.containers.get()).values
  const containersIn = (isWanted: (state: unknown) => boolean) =>
    states.filter(({ labels }) => isWanted(labels.state)).reduce((sum, { value }) => sum + value, 0)
  // While an engine is away containers are still to be followed, and nothing is open; a stream without a container is no load.
  const followed = Math.min(
    containersIn((state) => state === 'following'),
    await valueOf(metrics.streamsActive),
  )
  const read = containersIn((state) => !quietStates.includes(state as string))
  return {
    descriptors,
    heapBytes: heap.bytes,
    load: { all: read + requests, moving: read - followed + requests },
    held: {
      descriptors: descriptors - known - followed,
      descriptors_beyond_ledger: descriptors - known - open,
      engine_connections: open - followed,
      sockets: sockets - apiConnections() - followed,
      timers,
      threads: threadCount,
      heap: heap.take(),
    },
  }
}
