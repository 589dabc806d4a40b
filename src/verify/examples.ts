import { formatTimestamp } from '../lib/timestamp.ts'
import type { Comparison, Pair } from './compare.ts'
import type { DeliveredStream } from './delivered.ts'
import type { KnownLosses } from './known-losses.ts'
import type { LineColumns } from './line-columns.ts'
import { reasonOfFlags } from './record.ts'
import type { Truth, TruthStream } from './truth.ts'

/** One line that is not as it should be. */
export interface Example {
  readonly kind: 'missing' | 'doubled' | 'altered' | 'out_of_order'
  /** The engine's time. */
  readonly time: string
  /** As the engine has it, as much of it as is of use; undefined: the engine has dropped it since. */
  readonly text: string | undefined
  /** As the destination has it, where it is altered. */
  readonly delivered?: string
  /** Where the texts begin to differ, in bytes from 0. */
  readonly differsAtByte?: number
  readonly reason?: string
}

const shownCharacters = 160

export interface ExamplesOptions {
  readonly truth: Truth
  readonly stream: TruthStream
  readonly held: DeliveredStream
  readonly found: Comparison
  readonly losses: KnownLosses
  /** Of each kind. */
  readonly max: number
}

/** The first lines of each kind, with their texts: the engine is asked for them once more. */
export async function examplesOf(options: ExamplesOptions, signal: AbortSignal): Promise<Example[]> {
  const { truth, stream, held, found, losses, max } = options
  const missing = found.missing.slice(0, max)
  const [doubled, altered, moved] = [found.doubled, found.altered, found.outOfOrder].map((pairs) => pairs.slice(0, max))
  const indices = [...missing, ...[...doubled!, ...altered!, ...moved!].map((pair) => pair.truth)]
  if (indices.length === 0) return []
  const texts = await truth.textsOf(stream, indices, signal)
  const common = (index: number) => ({
    time: timeIn(stream.lines, index),
    text: shown(texts.get(index)),
  })
  const plain = (kind: Example['kind'], pairs: readonly Pair[]) =>
    pairs.map((pair) => ({ kind, ...common(pair.truth) }))
  return [
    ...missing.map((index) => ({
      kind: 'missing' as const,
      ...common(index),
      ...reasonIn(losses.reasonOf(stream, index, found)),
    })),
    ...plain('doubled', doubled!),
    ...altered!.map((pair) => ({
      kind: 'altered' as const,
      ...common(pair.truth),
      ...(hasSameText(stream.lines, held.lines, pair)
        ? { reason: `its time is another, ${timeIn(held.lines, pair.delivered)}` }
        : alteration(texts.get(pair.truth), held.texts.get(pair.delivered), held.lines.flags[pair.delivered]!)),
    })),
    ...plain('out_of_order', moved!),
  ]
}

function hasSameText(truth: LineColumns, delivered: LineColumns, pair: Pair): boolean {
  return (
    truth.high[pair.truth] === delivered.high[pair.delivered] && truth.low[pair.truth] === delivered.low[pair.delivered]
  )
}

function timeIn({ seconds, nanos }: LineColumns, index: number): string {
  return formatTimestamp(seconds[index]!, nanos[index]!)
}

function alteration(before: Buffer | undefined, after: Buffer | undefined, flags: number) {
  const reason = reasonOfFlags(flags) ?? reasonOfTexts(before, after)
  return {
    ...(after ? { delivered: shown(after)! } : {}),
    ...(before && after ? { differsAtByte: firstDifference(before, after) } : {}),
    ...reasonIn(reason),
  }
}

function reasonIn(reason: string | undefined) {
  return reason === undefined ? {} : { reason }
}

function reasonOfTexts(before: Buffer | undefined, after: Buffer | undefined): string | undefined {
  if (!before || !after) return undefined
  if (after.equals(Buffer.from(before.toString('utf8')))) return 'the line is no UTF-8, which JSON cannot hold'
  if (after.length < before.length && before.subarray(0, after.length).equals(after))
    return `cut after ${after.length} of ${before.length} bytes`
  return undefined
}

function firstDifference(one: Buffer, other: Buffer): number {
  const length = Math.min(one.length, other.length)
  for (let i = 0; i < length; i++) if (one[i] !== other[i]) return i
  return length
}

function shown(text: Buffer | undefined): string | undefined {
  return text?.toString('utf8', 0, shownCharacters * 4).slice(0, shownCharacters)
}
