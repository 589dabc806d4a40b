// Batches for the programs that are killed: made with what was built, as these programs run what was built.
import { BatchBuilder } from '../../dist/batch/builder.js'

const made = []
const builder = new BatchBuilder((batch) => made.push(batch))
const stream = {
  origin: {
    key: 'engine/app/stdout',
    stream: 'stdout',
    container: { id: 'app', name: 'app', image: 'image' },
    labels: {},
    host: 'host',
  },
  cursor: () => ({ seconds: 1_795_000_000, nanos: builder.columns.nanos[0], count: 1 }),
  batchId: 0,
  localIndex: 0,
}

/** A batch with one line, of one stream. */
export function lineBatch({ text, nanos }) {
  const { arena, columns } = builder
  columns.origin[0] = builder.indexOf(stream)
  columns.start[0] = 0
  columns.end[0] = arena.used = arena.bytes.write(text)
  columns.seconds[0] = 1_795_000_000
  columns.nanos[0] = nanos
  columns.ordinal[0] = 0
  columns.flags[0] = 0
  builder.count = 1
  builder.seal()
  return made.pop()
}
