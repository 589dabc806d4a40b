// Writes to and consumes from the disk queue of `folder` until it is killed, and says before and after what it does, in a file that outlives it.
import { appendFileSync } from 'node:fs'
import { DiskQueue } from '../../dist/pipeline/disk-queue/disk-queue.js'
import { sizeOf } from '../../dist/pipeline/disk-queue/record.js'
import { SeededRandom } from '../../dist/simulator/random.js'
import { lineBatch } from './line-batch.mjs'

const [folder, journal, firstId, seed] = process.argv.slice(2)
const random = new SeededRandom(Number(seed))
const below = (limit) => Math.floor(random.next() * limit)
const say = (...words) => appendFileSync(journal, `${words.join(' ')}\n`)
const silent = () => undefined
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
  const batch = lineBatch({ text: `${id} ${'x'.repeat(below(30_000))}`, nanos: id })
  return { batch, progress: batch.progress }
}
