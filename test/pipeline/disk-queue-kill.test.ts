import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, expect, test } from 'vitest'
import { sleep } from '../../src/lib/wait.ts'
import { DiskQueue } from '../../src/pipeline/disk-queue/disk-queue.ts'
import { drain } from '../../src/pipeline/disk-queue/testing.ts'
import { SeededRandom } from '../../src/simulator/random.ts'
import { createLog } from '../../src/telemetry/log.ts'
import { ensureBuilt } from '../helpers/command.ts'
import { until } from '../helpers/until.ts'

const kills = Number(process.env['KILLS'] ?? 25)
const worker = fileURLToPath(new URL('queue-worker.mjs', import.meta.url))
const never = new AbortController().signal

beforeAll(ensureBuilt, 120_000)

/** The last number that the worker said with each word, over all of its lives; -1: none. */
function lastSaid(journal: string): (word: string) => number {
  const said = existsSync(journal) ? readFileSync(journal, 'utf8').split('\n').slice(0, -1) : []
  const numbers = new Map(said.map((text) => text.split(' ')).map(([word, number]) => [word!, Number(number)]))
  return (word) => numbers.get(word) ?? -1
}

test(
  `a queue whose process is killed ${kills} times while it appends and consumes loses and repeats nothing`,
  { timeout: 60_000 + kills * 3_000 },
  async () => {
    const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000)
    process.stderr.write(`SEED=${seed}\n`)
    const random = new SeededRandom(seed)
    const folder = mkdtempSync(join(tmpdir(), 'killed-queue-'))
    const [queueFolder, journal] = [join(folder, 'queue'), join(folder, 'journal')]
    const log = createLog('silent')
    let nextId = 0
    for (let kill = 0; kill < kills; kill++) {
      const before = lastSaid(journal)
      const child = spawn(process.execPath, [worker, queueFolder, journal, String(nextId), String(seed + kill)], {
        stdio: ['ignore', 'ignore', 'inherit'],
      })
      const ended = once(child, 'exit')
      try {
        const hasBegun = () => lastSaid(journal)('appending') > before('appending')
        await until('the worker appends', hasBegun, { withinMs: 20_000 })
        await sleep(random.next() * 300, never)
      } finally {
        child.kill('SIGKILL')
      }
      expect(await ended).toEqual([null, 'SIGKILL'])
      const said = lastSaid(journal)
      let torn = 0
      await using queue = await DiskQueue.open({
        folder: queueFolder,
        maxBytes: 4 * 1024 * 1024,
        log,
        onLost: ({ reason, records }) => {
          expect(reason).toBe('torn')
          torn += records
        },
      })
      const last = queue.recovered[0]?.cursor.nanos
      const ids = await drain(queue)
      const context = `seed ${seed}, kill ${kill}: ${JSON.stringify({ first: ids[0], last, torn, flushed: said('flushed'), consuming: said('consuming'), appended: said('appended'), appending: said('appending') })}`
      const first = ids[0] ?? said('appended') + 1
      expect(ids, context).toEqual(Array.from(ids, (_, i) => first + i))
      expect(last, context).toBe(ids.at(-1))
      // What was consumed and flushed does not come again, and nothing is gone that was not consumed.
      expect(first, context).toBeGreaterThan(said('flushed'))
      expect(first, context).toBeLessThanOrEqual(said('consuming') + 1)
      // Everything that was confirmed is there, and nothing that was never appended.
      expect(ids.at(-1) ?? said('consuming'), context).toBeGreaterThanOrEqual(said('appended'))
      expect(ids.at(-1) ?? -1, context).toBeLessThanOrEqual(said('appending'))
      nextId = (ids.at(-1) ?? said('consuming')) + 1
    }
    expect(nextId).toBeGreaterThan(kills)
    rmSync(folder, { recursive: true })
  },
)
