import { valueKinds } from '../../batch/fields/fields.ts'
import { FixedNames, placesOf } from './fixed-names.ts'
import { endOfWord, isTime } from './scan.ts'
import type { Parser } from './target.ts'

const fieldNames = ['time', 'stream', 'tag', 'message'] as const
const { time, stream, tag, message } = placesOf(fieldNames)
const streams = [Buffer.from('stdout'), Buffer.from('stderr')]

/**
 * What container engines of Kubernetes write (Container Runtime Interface):
 *
 *     line  time SP stream SP tags SP message
 *     time  2016-10-06T00:17:09.669794202Z
 *     tags  "F": the line is whole; "P": the rest of it is in the next one
 */
export function criParser(): Parser {
  const names = new FixedNames(fieldNames)
  return (bytes, from, to, target) => {
    const timeEnd = endOfWord(bytes, from, to)
    const streamEnd = endOfWord(bytes, timeEnd + 1, to)
    const tagEnd = endOfWord(bytes, streamEnd + 1, to)
    // An empty line may come without the blank behind its tag.
    if (streamEnd >= to || tagEnd <= streamEnd + 1 || !isTime(bytes, from, timeEnd)) return false
    if (!isStream(bytes, timeEnd + 1, streamEnd)) return false
    const numbers = names.numbersIn(target)
    target.set(numbers[time]!, valueKinds.text, bytes, from, timeEnd)
    target.set(numbers[stream]!, valueKinds.text, bytes, timeEnd + 1, streamEnd)
    target.set(numbers[tag]!, valueKinds.text, bytes, streamEnd + 1, tagEnd)
    target.set(numbers[message]!, valueKinds.text, bytes, Math.min(tagEnd + 1, to), to)
    return true
  }
}

function isStream(bytes: Buffer, from: number, to: number): boolean {
  for (const name of streams) if (to - from === name.length && name.compare(bytes, from, to) === 0) return true
  return false
}
