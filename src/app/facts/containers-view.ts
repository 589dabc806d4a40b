import type { Containers } from '../../api/v1/schemas.ts'
import type { ContainerStatus, StreamStatus } from '../../component/source.ts'
import { compareTimes, formatTimestamp } from '../../lib/timestamp.ts'
import type { Pipeline } from '../../pipeline/pipeline.ts'
import type { Rates } from './rates.ts'

type Container = Containers['containers'][number]

export function containersView(pipeline: Pipeline, rates: Rates): Containers {
  const found = pipeline
    .containers()
    .flatMap(({ source, containers }) => containers.map((container) => ({ source, container })))
  const counts = new Map<string, number>()
  for (const { source, container } of found) {
    counts.set(
      linesKey(source, container.id),
      sumOf(container, ({ lines }) => lines),
    )
    counts.set(
      bytesKey(source, container.id),
      sumOf(container, ({ bytes }) => bytes),
    )
  }
  const amountOf = rates.measure(counts)
  const oldestSeconds = new Map(pipeline.sinks().map(({ id, lagSeconds }) => [id, lagSeconds]))
  return {
    containers: found.map(({ source, container }): Container => {
      const { id, name, image, state, reader, reason, streams } = container
      return {
        ...{ source, id, name, image, state },
        reader: reader ?? null,
        reason: reason ?? null,
        streams: streams.filter(({ last }) => last !== undefined).map(({ stream }) => stream),
        lines: amountOf(linesKey(source, id)),
        bytes: amountOf(bytesKey(source, id)),
        gaps: sumOf(container, ({ gaps }) => gaps),
        lastLineAt: lastLineAt(streams),
        lagSeconds: lagOf(streams, (key) => pipeline.acknowledgedUpTo(source, key), oldestSeconds),
      }
    }),
  }
}

function linesKey(source: string, id: string): string {
  return `lines ${source} ${id}`
}

function bytesKey(source: string, id: string): string {
  return `bytes ${source} ${id}`
}

function sumOf({ streams }: ContainerStatus, value: (stream: StreamStatus) => number): number {
  return streams.reduce((sum, stream) => sum + value(stream), 0)
}

function lastLineAt(streams: readonly StreamStatus[]): string | null {
  const times = streams.flatMap(({ last }) => last ?? []).sort(compareTimes)
  const newest = times.at(-1)
  return newest ? formatTimestamp(newest.seconds, newest.nanos) : null
}

/**
 * A stream that a sink lacks something of: what it lacks is no older than the oldest batch that the sink has not acknowledged, and than the last
 * line that it has.
 */
function lagOf(
  streams: readonly StreamStatus[],
  placesOf: (key: string) => ReturnType<Pipeline['acknowledgedUpTo']>,
  oldestSeconds: ReadonlyMap<string, number>,
): number | null {
  const read = streams.flatMap(({ key, last }) => (last ? [{ key, last }] : []))
  if (read.length === 0) return null
  const nowSeconds = Date.now() / 1_000
  const lags = read.flatMap(({ key, last }) =>
    placesOf(key)
      .filter((place) => compareTimes(place, last) < 0)
      .map(({ sink, seconds }) => Math.max(0, Math.min(oldestSeconds.get(sink) ?? 0, nowSeconds - seconds))),
  )
  return Math.max(0, ...lags)
}
