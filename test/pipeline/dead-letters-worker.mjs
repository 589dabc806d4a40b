// Adds, replaces and removes dead letters in `folder` until it is killed, and says before and after what it does, in a file that outlives it.
import { appendFileSync } from 'node:fs'
import { DeadLetters } from '../../dist/pipeline/dead-letters/dead-letters.js'
import { SeededRandom } from '../../dist/simulator/random.js'
import { createMetrics } from '../../dist/telemetry/metrics.js'
import { lineBatch } from './line-batch.mjs'

const [folder, journal, firstNumber, seed] = process.argv.slice(2)
const random = new SeededRandom(Number(seed))
const below = (limit) => Math.floor(random.next() * limit)
const say = (...words) => appendFileSync(journal, `${words.join(' ')}\n`)
const silent = () => undefined
const log = { debug: silent, info: silent, warn: silent, error: silent }

const letters = await DeadLetters.open({ folder, maxBytes: 2 ** 40, log, metrics: createMetrics() })
let nextNumber = Number(firstNumber)

/** Adds and changes at the same time, as lanes and replays do. */
while (true) await Promise.all([add(), change()])

async function add() {
  const number = nextNumber++
  const batch = lineBatch({ text: `${number} ${'x'.repeat(below(400_000))}`, nanos: number })
  say('adding', number)
  await letters.add({ sink: number % 2 ? 'odd' : 'even', batch, rejections: [{ reason: 'bad', lines: 'all' }] })
  say('added', number)
}

/** Something is done with one in three of the letters. */
async function change() {
  for await (const { id } of letters.list()) {
    if (below(3) > 0) continue
    const { letter, batch } = await letters.read(id)
    const number = Number.parseInt(batch.bytes.toString(), 10)
    if (below(2) === 0) {
      say('replacing', number)
      await letters.replace(letter, { batch, reason: 'worse' })
      say('replaced', number)
    } else {
      say('removing', number)
      await letters.remove([id])
      say('removed', number)
    }
  }
}
