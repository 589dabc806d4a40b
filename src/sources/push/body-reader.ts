import { isUtf8 } from 'node:buffer'
import { hostname } from 'node:os'
import type { Batch } from '../../batch/batch.ts'
import { BatchBuilder } from '../../batch/builder.ts'
import type { MalformedLine, PostedLines } from '../../component/source.ts'
import { ArrivalClock } from './arrival-clock.ts'
import { type PostedLine, readLine } from './read-line.ts'
import { idOf, Origins, type PostedOrigin, type PostedStream } from './streams.ts'

/** Bad lines that are told of; of the others there is a count. */
const maxMalformed = 20
const lineFeed = 10
const carriageReturn = 13

/** Batches of all lines, which are the caller's to hand on or to release; or the lines because of which there are none. */
export type ReadBody =
  | { readonly kind: 'lines'; readonly batches: readonly Batch[]; readonly lines: number; readonly bytes: number }
  | { readonly kind: 'malformed'; readonly count: number; readonly lines: readonly MalformedLine[] }

type Post = Pick<PostedLines, 'format' | 'container' | 'stream'>

/** Makes batches of bodies, one whole body after the other: a client that mends a bad line sends all of them again. */
export class BodyReader {
  readonly #container: string
  readonly #origins: Origins
  readonly #clock = new ArrivalClock()
  readonly #host = hostname()
  readonly #builder: BatchBuilder
  #batches: Batch[] = []
  #streams = new Map<string, PostedStream>()
  #lines = 0
  #bytes = 0

  constructor({ source, container }: { readonly source: string; readonly container: string }) {
    this.#container = container
    this.#origins = new Origins(source)
    this.#builder = new BatchBuilder((batch) => this.#batches.push(batch))
  }

  read(body: Buffer, post: Post): ReadBody {
    const malformed: MalformedLine[] = []
    let count = 0
    let number = 0
    for (let from = 0; from < body.length; ) {
      const at = body.indexOf(lineFeed, from)
      const to = at < 0 ? body.length : at
      number += 1
      const problem = this.#readLine(body.subarray(from, to), post)
      if (problem !== undefined) {
        count += 1
        if (malformed.length < maxMalformed) malformed.push({ line: number, problem })
      }
      from = to + 1
    }
    const { batches, lines, bytes } = this.#end()
    if (count === 0) return { kind: 'lines', batches, lines, bytes }
    for (const batch of batches) batch.release()
    return { kind: 'malformed', count, lines: malformed }
  }

  #end(): { readonly batches: readonly Batch[]; readonly lines: number; readonly bytes: number } {
    this.#builder.seal()
    const ended = { batches: this.#batches, lines: this.#lines, bytes: this.#bytes }
    this.#batches = []
    this.#streams = new Map()
    this.#lines = 0
    this.#bytes = 0
    return ended
  }

  /** @returns what is wrong with the line; undefined: nothing */
  #readLine(bytes: Buffer, post: Post): string | undefined {
    if (post.format === 'text') {
      this.#write(bytes, this.#streamOf({}, post))
      return undefined
    }
    if (!isUtf8(bytes)) return 'is no UTF-8'
    const json = bytes.toString()
    // As between the lines of other streams of JSON, an empty one says nothing.
    if (json.trim() === '') return undefined
    const line = readLine(json)
    if (typeof line === 'string') return line
    const whole = bytes.at(-1) === carriageReturn ? bytes.subarray(0, -1) : bytes
    this.#write(line.text === undefined ? whole : Buffer.from(line.text), this.#streamOf(line, post), line.time)
    return undefined
  }

  #streamOf(line: Partial<PostedLine>, { container, stream }: Post): PostedStream {
    const posted: PostedOrigin = {
      container: line.container ?? container ?? this.#container,
      stream: line.stream ?? stream ?? 'stdout',
      image: line.image ?? '',
      host: line.host ?? this.#host,
      labels: line.labels ?? {},
    }
    const id = idOf(posted)
    let found = this.#streams.get(id)
    if (found === undefined) {
      found = { origin: this.#origins.of(id, posted), batchId: 0, localIndex: 0, seconds: -1, nanos: 0, ordinal: 0 }
      this.#streams.set(id, found)
    }
    return found
  }

  #write(text: Buffer, stream: PostedStream, time?: PostedLine['time']): void {
    if (time === undefined) this.#clock.tick()
    const { seconds, nanos } = time ?? this.#clock
    const builder = this.#builder
    builder.reserve(text.length)
    const { arena, columns, count } = builder
    columns.origin[count] = builder.indexOf(stream)
    columns.start[count] = arena.used
    arena.used += text.copy(arena.bytes, arena.used)
    columns.end[count] = arena.used
    columns.seconds[count] = seconds
    columns.nanos[count] = nanos
    stream.ordinal = stream.seconds === seconds && stream.nanos === nanos ? stream.ordinal + 1 : 0
    stream.seconds = seconds
    stream.nanos = nanos
    columns.ordinal[count] = stream.ordinal
    columns.flags[count] = 0
    builder.count = count + 1
    if (builder.isFull) builder.seal()
    this.#lines += 1
    this.#bytes += text.length
  }
}
