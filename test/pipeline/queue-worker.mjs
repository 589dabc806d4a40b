// Writes to and consumes from the disk queue of `folder` until it is killed, and says before and after what it does, in a file that outlives it.
import { appendFileSync } from 'node:fs'
import { BatchBuilder } from '../../dist/batch/builder.js'
import { DiskQueue } from '../../dist/pipeline/disk-queue/disk-queue.js'
import { sizeOf } from '../../dist/pipeline/disk-queue/record.js'
import { SeededRandom } from '../../dist/simulator/random.js'

const [folder, journal, firstId, seed] = process.argv.slice(2)
const random = new SeededRandom(Number(seed))
const below = (limit) => Math.floor(random.next() * limit)
const say = (...words) => appendFileSync(journal, `${words.join(' ')}\n`)
const silent = () => undefined
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

const queue = await DiskQueue.open({
  folder,
  maxBytes: 4 * 1024 * 1024,
  log: { debug: silent, info: silent, warn: silent, error: silent },
  onLost: ({ reason, records }) => say('lost', reason, records),
})
let nextId = Number(firstId)
let consumed = -1
const taken = []

/** Appends and consumes at the same time, as the pipeline does. */
while (true) await Promise.all([append(), consume()])

async function append() {
  const items = Array.from({ length: 1 + below(5) }, () => itemOf(nextId++))
  const bytes = items.reduce((sum, { batch }) => sum + sizeOf(batch), 0)
  if (!queue.hasRoomFor(bytes)) {
    nextId -= items.length
    return
  }
  say('appending', nextId - 1)
  await queue.append(items)
  say('appended', nextId - 1)
}

async function consume() {
  for (let left = below(8); left > 0; left--) {
    const batch = await queue.read()
    if (!batch) break
    taken.push(Number.parseInt(batch.bytes.toString(), 10))
  }
  for (let left = below(taken.length + 1); left > 0; left--) {
    say('consuming', taken[0])
    queue.consume()
    consumed = taken.shift()
  }
  if (consumed < 0 || below(4) > 0) return
  const flushed = consumed
  await queue.flush()
  say('flushed', flushed)
}

/** A batch with one line, which begins with the id. */
function itemOf(id) {
  const text = Buffer.from(`${id} ${'x'.repeat(below(30_000))}`)
  const { arena, columns } = builder
  columns.origin[0] = builder.indexOf(stream)
  columns.start[0] = 0
  columns.end[0] = arena.used = text.copy(arena.bytes)
  columns.seconds[0] = 1_795_000_000
  columns.nanos[0] = id
  columns.ordinal[0] = 0
  columns.flags[0] = 0
  builder.count = 1
  builder.seal()
  const batch = made.pop()
  return { batch, progress: batch.progress }
}
