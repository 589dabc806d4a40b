// Cost: 0.013 CPU seconds per million 165-byte lines (node bench/shape.mjs): some multiplications a line; a string of each with `key`.
import { RE2JS } from 're2js'
import type { Batch } from '../../batch/batch.ts'
import { lineFlags } from '../../batch/flags.ts'
import { linesWith } from '../../batch/lines-with.ts'
import { defineTransform, type Shaper } from '../../component/transform.ts'
import { finishHash, hashText, mixHash } from '../../lib/hash32.ts'
import { type Options, options } from './schema.ts'

export const sample = defineTransform({
  name: 'sample',
  summary: 'Keeps one line in so many, the same ones whenever they are read.',
  options,
  examples: [
    { one_in: 10, always: ['ERROR'] },
    { one_in: 100, key: 'trace_id=([0-9a-f]+)' },
  ],
  create: (written) => sampling(written),
})

/** Of the hash of what is chosen by: any two collectors with the same configuration choose the same. */
const seed = 0x9747b28c

function sampling({ one_in: oneIn, key, always }: Options): Shaper {
  const needles = always.map((text) => Buffer.from(text))
  const keyOf = key === undefined ? undefined : hashOfKey(RE2JS.compile(key))
  return {
    apply(batch) {
      const { columns, count, origins } = batch
      const isKept = needles.length > 0 ? linesWith(batch, needles) : undefined
      const streams = origins.map((origin) => hashText(origin.key, seed))
      for (let row = 0; row < count; row++) {
        if ((columns.flags[row]! & lineFlags.dropped) !== 0 || isKept?.[row] === 1) continue
        const hash = keyOf?.(batch, row) ?? hashOfLine(batch, row, streams[columns.origin[row]!]!)
        if (hash % oneIn !== 0) columns.flags[row] = columns.flags[row]! | lineFlags.dropped
      }
      return batch
    },
  }
}

/** Of what names a line for ever: its stream, its time, its number at that time. */
function hashOfLine({ columns }: Batch, row: number, stream: number): number {
  const hash = mixHash(mixHash(stream, columns.seconds[row]!), columns.nanos[row]!)
  return finishHash(mixHash(hash, columns.ordinal[row]!))
}

/** Undefined: the line has no key. */
function hashOfKey(pattern: RE2JS): (batch: Batch, row: number) => number | undefined {
  return ({ bytes, columns }, row) => {
    const text = bytes.toString('utf8', columns.start[row], columns.end[row])
    if (!pattern.test(text)) return undefined
    const matcher = pattern.matcher(text)
    if (!matcher.find()) return undefined
    const key = (matcher.groupCount() > 0 ? matcher.group(1) : undefined) ?? matcher.group()
    return finishHash(hashText(key ?? '', seed))
  }
}
