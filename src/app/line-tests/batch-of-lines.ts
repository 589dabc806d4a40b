import type { Batch } from '../../batch/batch.ts'
import { BatchBuilder, type BuilderStream } from '../../batch/builder.ts'
import type { Cursor } from '../../batch/cursor.ts'
import type { GivenLine } from './schema.ts'

/** When tests begin: times are the same in every run. */
const beginSeconds = Date.UTC(2026, 0, 1) / 1000

/** The lines as a source of this id would give them, in as many batches as they need. The caller releases them. */
export function batchesOf(sourceId: string, lines: readonly GivenLine[]): readonly Batch[] {
  const batches: Batch[] = []
  const builder = new BatchBuilder((batch) => batches.push(batch))
  const streams = new Map<string, OpenStream>()
  let atMs = -1
  for (const one of lines) {
    const line = typeof one === 'string' ? { ...plain, text: one } : one
    atMs = line.at ?? atMs + 1
    put(builder, streamOf(streams, sourceId, line), { text: line.text, atMs })
  }
  builder.seal()
  return batches
}

const plain = { container: 'app', image: 'image', labels: {}, stream: 'stdout', at: undefined } as const

type FullLine = Exclude<GivenLine, string>
type OpenStream = BuilderStream & { last: Cursor }

function streamOf(streams: Map<string, OpenStream>, sourceId: string, line: FullLine): OpenStream {
  const { container: name, image, labels, stream } = line
  const key = `${sourceId}/${name}/${stream}`
  let found = streams.get(key)
  if (found === undefined) {
    const origin = { key, stream, container: { id: name, name, image }, labels, host: 'test' }
    const made: OpenStream = {
      ...{ origin, batchId: 0, localIndex: 0, last: { seconds: 0, nanos: 0, count: 0 } },
      cursor: () => made.last,
    }
    streams.set(key, (found = made))
  }
  return found
}

function put(builder: BatchBuilder, stream: OpenStream, { text, atMs }: { text: string; atMs: number }): void {
  builder.reserve(Buffer.byteLength(text))
  const { arena, columns, count } = builder
  const seconds = beginSeconds + Math.floor(atMs / 1000)
  const nanos = (atMs % 1000) * 1_000_000
  const isSameTime = stream.last.seconds === seconds && stream.last.nanos === nanos
  const ordinal = isSameTime ? stream.last.count : 0
  columns.origin[count] = builder.indexOf(stream)
  columns.start[count] = arena.used
  arena.used += arena.bytes.write(text, arena.used)
  columns.end[count] = arena.used
  columns.seconds[count] = seconds
  columns.nanos[count] = nanos
  columns.ordinal[count] = ordinal
  columns.flags[count] = 0
  builder.count = count + 1
  stream.last = { seconds, nanos, count: ordinal + 1 }
  if (builder.isFull) builder.seal()
}
