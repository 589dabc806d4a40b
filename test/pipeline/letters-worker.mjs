// Adds, replaces and removes dead letters in `folder` until it is killed, and says before and after what it does, in a file that outlives it.
import { appendFileSync } from 'node:fs'
import { BatchBuilder } from '../../dist/batch/builder.js'
import { DeadLetters } from '../../dist/pipeline/dead-letters/dead-letters.js'
import { SeededRandom } from '../../dist/simulator/random.js'
import { createMetrics } from '../../dist/telemetry/metrics.js'

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
    container: { id: 'app', name: 'app', image: 'i' },
    labels: {},
    host: 'h',
  },
  cursor: () => ({ seconds: 1_795_000_000, nanos: 1, count: 1 }),
  batchId: 0,
  localIndex: 0,
}
const letters = await DeadLetters.open({
  folder,
  maxBytes: 64 * 1024 * 1024,
  log: { debug: silent, info: silent, warn: silent, error: silent },
  metrics: createMetrics(),
})
const kept = []

for (let number = Number(firstId); ; number++) {
  say('adding', number)
  await letters.add({ sink: 'out', batch: batchOf(number), rejections: [{ reason: 'bad', lines: 'all' }] })
  say('added', number)
  kept.push(number)
  if (below(3) === 0) await settle(kept.splice(below(kept.length), 1)[0])
}

/** A replay's two ends: delivered, or refused once more. */
async function settle(number) {
  for await (const letter of letters.list()) {
    const { batch } = await letters.read(letter.id)
    if (Number.parseInt(batch.bytes.toString(), 10) !== number) continue
    if (below(2) === 0) {
      say('removing', number)
      await letters.remove([letter.id])
      say('removed', number)
    } else await letters.replace(letter, { batch: batchOf(number), reason: 'worse' })
    return
  }
}

function batchOf(number) {
  const text = Buffer.from(`${number} ${'x'.repeat(below(20_000))}`)
  const { arena, columns } = builder
  columns.origin[0] = builder.indexOf(stream)
  columns.start[0] = 0
  columns.end[0] = arena.used = text.copy(arena.bytes)
  columns.seconds[0] = 1_795_000_000
  columns.nanos[0] = 1
  columns.ordinal[0] = 0
  columns.flags[0] = 0
  builder.count = 1
  builder.seal()
  return made.pop()
}
