// Cost: 0.04 CPU seconds per million lines (node bench/shape.mjs).
import type { Batch } from '../../batch/batch.ts'
import { lineFlags } from '../../batch/flags.ts'
import { lineTimeMs } from '../../batch/line-time.ts'
import type { Origin } from '../../batch/origin.ts'
import { defineTransform, type Shaper } from '../../component/transform.ts'
import { BoundedMap } from '../../lib/bounded-map.ts'
import { type Options, options } from './schema.ts'

export const throttle = defineTransform({
  name: 'throttle',
  summary: 'Takes out what a container writes beyond so many lines a second.',
  options,
  examples: [
    { lines_per_second: 100, burst: 5_000 },
    { lines_per_second: 0.5, per: 'stream' },
  ],
  create: (written) => throttling(written),
})

/** Lines that may pass, at most `burst`, as of a time of the lines in milliseconds. */
interface Bucket {
  lines: number
  atMs: number
}

/** The last line of a stream, and the bucket that it shares with others. */
interface Stream {
  readonly bucket: Bucket
  seconds: number
  nanos: number
  ordinal: number
}

/** Streams and buckets beyond are forgotten, those not used for longest first: they begin full again. */
const maxStreams = 20_000

function throttling({ lines_per_second: rate, burst = Math.max(1, Math.ceil(rate * 10)), per }: Options): Shaper {
  const buckets = new BoundedMap<string, Bucket>(maxStreams)
  const streams = new BoundedMap<string, Stream>(maxStreams)
  const streamOf = (origin: Origin): Stream => {
    const name = nameOf(origin, per)
    let bucket = buckets.get(name)
    if (bucket === undefined) buckets.set(name, (bucket = { lines: burst, atMs: 0 }))
    let stream = streams.get(origin.key)
    if (stream?.bucket !== bucket) streams.set(origin.key, (stream = { bucket, seconds: -1, nanos: 0, ordinal: 0 }))
    return stream
  }
  return {
    apply(batch) {
      const { flags, origin } = batch.columns
      const ofOrigins = batch.origins.map(streamOf)
      for (let row = 0; row < batch.count; row++) {
        if ((flags[row]! & lineFlags.dropped) !== 0) continue
        const stream = ofOrigins[origin[row]!]!
        const { bucket } = stream
        const nowMs = lineTimeMs(batch, row)
        if (goesOn(stream, batch, row)) refill(bucket, nowMs, { rate, burst })
        else Object.assign(bucket, { lines: burst, atMs: nowMs })
        if (bucket.lines >= 1) bucket.lines -= 1
        else flags[row] = flags[row]! | lineFlags.dropped
      }
      return batch
    },
  }
}

/** Whether the line comes after the stream's last. Where it does not the stream is read again from a place before, or its clock was set back: it begins anew. */
function goesOn(stream: Stream, { columns }: Batch, row: number): boolean {
  const seconds = columns.seconds[row]!
  const nanos = columns.nanos[row]!
  const ordinal = columns.ordinal[row]!
  const isLater = (seconds - stream.seconds || nanos - stream.nanos || ordinal - stream.ordinal) > 0
  stream.seconds = seconds
  stream.nanos = nanos
  stream.ordinal = ordinal
  return isLater
}

/** Two streams of a container are not in the order of their times: what lies back is no time. */
function refill(
  bucket: Bucket,
  nowMs: number,
  { rate, burst }: { readonly rate: number; readonly burst: number },
): void {
  const passedMs = nowMs - bucket.atMs
  if (passedMs <= 0) return
  bucket.lines = Math.min(burst, bucket.lines + (passedMs / 1000) * rate)
  bucket.atMs = nowMs
}

function nameOf({ key }: Origin, per: Options['per']): string {
  switch (per) {
    case 'stream':
      return key
    case 'container':
      return key.slice(0, key.lastIndexOf('/'))
    case 'source':
      return key.slice(0, key.indexOf('/'))
  }
}
