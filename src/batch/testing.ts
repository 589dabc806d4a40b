/** For tests: batches from plain descriptions of lines. */
import type { Batch } from './batch.ts'
import { BatchBuilder, type BuilderStream } from './builder.ts'
import type { Cursor } from './cursor.ts'
import { FieldsBuilder } from './fields/fields-builder.ts'
import { type FieldValue, setValue } from './fields/values.ts'
import type { Origin } from './origin.ts'

export interface TestLine {
  readonly text: string | Buffer
  readonly container?: string
  readonly stream?: 'stdout' | 'stderr'
  readonly seconds?: number
  readonly nanos?: number
  readonly ordinal?: number
  readonly labels?: Readonly<Record<string, string>>
  readonly flags?: number
  /** The time that the line says itself. */
  readonly ownTime?: { readonly seconds: number; readonly nanos: number } | undefined
  readonly fields?: Readonly<Record<string, FieldValue>> | undefined
}

/** Streams by container and name; the same maker gives the same origins again, as a source does. */
export class BatchMaker {
  readonly #streams = new Map<string, BuilderStream & { last: Cursor }>()

  batchOf(lines: readonly TestLine[]): Batch {
    const made: Batch[] = []
    const builder = new BatchBuilder((batch) => made.push(batch))
    for (const stream of this.#streams.values()) stream.batchId = 0
    const total = lines.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0)
    builder.reserve(total)
    for (const line of lines) put(builder, this.#streamOf(line), line)
    builder.seal()
    if (made.length !== 1) throw new Error(`${lines.length} lines made ${made.length} batches`)
    const fields = fieldsOf(lines)
    if (fields === undefined) return made[0]!
    const batch = made[0]!.withFields(fields)
    made[0]!.release()
    return batch
  }

  #streamOf({ container = 'app', stream = 'stdout', labels = {} }: TestLine) {
    const key = `engine/${container}/${stream}`
    let found = this.#streams.get(key)
    if (!found) {
      const origin: Origin = {
        key,
        stream,
        container: { id: container, name: container, image: 'image' },
        labels,
        host: 'host',
      }
      const made: BuilderStream & { last: Cursor } = {
        origin,
        batchId: 0,
        localIndex: 0,
        last: { seconds: 0, nanos: 0, count: 0 },
        cursor: () => made.last,
      }
      found = made
      this.#streams.set(key, made)
    }
    return found
  }
}

function fieldsOf(lines: readonly TestLine[]) {
  const builder = new FieldsBuilder()
  builder.begin(lines.length)
  for (const { fields = {}, ownTime } of lines) {
    builder.row()
    if (ownTime !== undefined) builder.setTime(ownTime.seconds, ownTime.nanos)
    for (const [name, value] of Object.entries(fields)) setValue(builder, builder.names.numberOfText(name), value)
  }
  return builder.finish()
}

function put(builder: BatchBuilder, stream: BuilderStream & { last: Cursor }, line: TestLine): void {
  const { text, seconds = 1_795_000_000, nanos = 0, ordinal = 0, flags = 0 } = line
  const { arena, columns, count } = builder
  const bytes = Buffer.from(text as string)
  columns.origin[count] = builder.indexOf(stream)
  columns.start[count] = arena.used
  bytes.copy(arena.bytes, arena.used)
  arena.used += bytes.length
  columns.end[count] = arena.used
  columns.seconds[count] = seconds
  columns.nanos[count] = nanos
  columns.ordinal[count] = ordinal
  columns.flags[count] = flags
  builder.count = count + 1
  stream.last = { seconds, nanos, count: ordinal + 1 }
}
