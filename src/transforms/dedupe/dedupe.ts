// Cost: 0.32 CPU seconds per million 165-byte lines (node bench/shape.mjs): a hash of every byte; no string, no object per line.
import type { Batch } from '../../batch/batch.ts'
import { lineFlags } from '../../batch/flags.ts'
import type { Origin } from '../../batch/origin.ts'
import { BatchRewriter } from '../../batch/rewriter.ts'
import { defineTransform, type Shaper } from '../../component/transform.ts'
import { BoundedMap } from '../../lib/bounded-map.ts'
import { finishHash } from '../../lib/hash32.ts'
import { type Options, options } from './schema.ts'
import { SeenTexts } from './seen-texts.ts'

export const dedupe = defineTransform({
  name: 'dedupe',
  summary: 'Takes out lines whose text the stream had a moment ago.',
  options,
  examples: [{}, { window: '1m', note: false }],
  create: (written) => deduping(written),
})

/** Streams beyond are forgotten, those quiet for longest first. 30 MB at the most. */
const maxStreams = 4_096
const openingBrace = 0x7b

function deduping({ window: windowMs, note }: Options): Shaper {
  const streams = new BoundedMap<string, SeenTexts>(maxStreams)
  // So that nobody can write lines that hide others.
  const seed = Math.floor(Math.random() * 2 ** 32)
  const rewriter = new BatchRewriter()
  const seenOf = ({ key }: Origin): SeenTexts => {
    let seen = streams.get(key)
    if (seen === undefined) streams.set(key, (seen = new SeenTexts()))
    return seen
  }
  return {
    apply(batch) {
      const { start, end, flags, origin } = batch.columns
      rewriter.reset()
      const seen = batch.origins.map(seenOf)
      for (let row = 0; row < batch.count; row++) {
        if ((flags[row]! & lineFlags.dropped) !== 0) continue
        const hash = hashOfRow(batch, row, seed)
        const more = seen[origin[row]!]!.see(batch.columns, row, { hash, windowMs })
        if (more < 0) flags[row] = flags[row]! | lineFlags.dropped
        else if (more > 0 && note && batch.bytes[start[row]!] !== openingBrace)
          rewriter.replace(row, end[row]!, end[row]!, Buffer.from(` (${more} more like this)`))
      }
      return rewriter.finish(batch)
    },
  }
}

/** Two hashes of 32 bits in one pass, of which 53 bits are used. */
function hashOfRow({ bytes, columns }: Batch, row: number, seed: number): number {
  const to = columns.end[row]!
  let a = seed
  let b = ~seed
  for (let at = columns.start[row]!; at < to; at++) {
    a = Math.imul(a ^ bytes[at]!, 0x01000193)
    b = Math.imul(b + bytes[at]!, 0x85ebca6b) ^ (b >>> 15)
  }
  return finishHash(a) * 0x200000 + (finishHash(b) & 0x1fffff)
}
