// Cost: 0.008 CPU seconds per million lines (node bench/shape.mjs).
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

/** Buckets beyond are forgotten, those not used for longest first: they begin full again. */
const maxBuckets = 10_000
/** A clock that goes back further has been set. */
const clockSetMs = 5_000

function throttling({ lines_per_second: rate, burst = Math.max(1, Math.ceil(rate * 10)), per }: Options): Shaper {
  const buckets = new BoundedMap<string, Bucket>(maxBuckets)
  const bucketOf = (origin: Origin): Bucket => {
    const name = nameOf(origin, per)
    let bucket = buckets.get(name)
    if (bucket === undefined) buckets.set(name, (bucket = { lines: burst, atMs: 0 }))
    return bucket
  }
  return {
    apply(batch) {
      const { flags, origin } = batch.columns
      const ofOrigins = batch.origins.map(bucketOf)
      for (let row = 0; row < batch.count; row++) {
        if ((flags[row]! & lineFlags.dropped) !== 0) continue
        const bucket = ofOrigins[origin[row]!]!
        refill(bucket, lineTimeMs(batch, row), { rate, burst })
        if (bucket.lines >= 1) bucket.lines -= 1
        else flags[row] = flags[row]! | lineFlags.dropped
      }
      return batch
    },
  }
}

/** Two streams of a container are not in the order of their times: a little way back is no time. */
function refill(
  bucket: Bucket,
  nowMs: number,
  { rate, burst }: { readonly rate: number; readonly burst: number },
): void {
  const passedMs = nowMs - bucket.atMs
  if (passedMs > 0) bucket.lines = Math.min(burst, bucket.lines + (passedMs / 1000) * rate)
  if (passedMs > 0 || passedMs < -clockSetMs) bucket.atMs = nowMs
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
