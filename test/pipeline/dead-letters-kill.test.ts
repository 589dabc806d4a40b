import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, expect, test } from 'vitest'
import { rowsOf } from '../../src/batch/row.ts'
import { sleep } from '../../src/lib/wait.ts'
import { DeadLetters } from '../../src/pipeline/dead-letters/dead-letters.ts'
import { SeededRandom } from '../../src/simulator/random.ts'
import { createLog } from '../../src/telemetry/log.ts'
import { createMetrics } from '../../src/telemetry/metrics.ts'
import { ensureBuilt } from '../helpers/command.ts'
import { until } from '../helpers/until.ts'

const kills = Number(process.env['KILLS'] ?? 15)
const worker = fileURLToPath(new URL('letters-worker.mjs', import.meta.url))

beforeAll(ensureBuilt, 120_000)

/** The numbers that the worker said with each word, over all of its lives. */
function readJournal(journal: string): (word: string) => Set<number> {
  const said = existsSync(journal) ? readFileSync(journal, 'utf8').split('\n').slice(0, -1) : []
  const pairs = said.map((text) => text.split(' '))
  return (word) => new Set(pairs.filter(([first]) => first === word).map(([, number]) => Number(number)))
}

async function numbersIn(folder: string): Promise<number[]> {
  const options = { folder, maxBytes: 64 * 1024 * 1024, log: createLog('silent'), metrics: createMetrics() }
  await using letters = await DeadLetters.open(options)
  const numbers: number[] = []
  for await (const { id } of letters.list()) {
    const [row] = rowsOf((await letters.read(id))!.batch)
    numbers.push(Number.parseInt(row!.text, 10))
  }
  return numbers
}

test(
  `dead letters whose process is killed ${kills} times while it adds, replaces and removes: each that was confirmed is there once`,
  { timeout: 60_000 + kills * 3_000 },
  async () => {
    const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000)
    process.stderr.write(`SEED=${seed}\n`)
    const random = new SeededRandom(seed)
    const folder = mkdtempSync(join(tmpdir(), 'killed-letters-'))
    const [lettersFolder, journal] = [join(folder, 'letters'), join(folder, 'journal')]
    for (let kill = 0; kill < kills; kill++) {
      const before = readJournal(journal)('adding').size
      const child = spawn(process.execPath, [worker, lettersFolder, journal, String(before), String(seed + kill)], {
        stdio: ['ignore', 'ignore', 'inherit'],
      })
      const ended = once(child, 'exit')
      try {
        await until('the worker adds', () => readJournal(journal)('added').size > 5 + before, { withinMs: 20_000 })
        await sleep(random.next() * 200, new AbortController().signal)
      } finally {
        child.kill('SIGKILL')
      }
      expect(await ended).toEqual([null, 'SIGKILL'])
      const found = await numbersIn(lettersFolder)
      const said = readJournal(journal)
      const context = `seed ${seed}, kill ${kill}`
      expect(new Set(found).size, context).toBe(found.length)
      const lacking = [...said('added')].filter((number) => !said('removing').has(number) && !found.includes(number))
      expect(lacking, context).toEqual([])
      expect(
        found.filter((number) => said('removed').has(number) || !said('adding').has(number)),
        context,
      ).toEqual([])
    }
    rmSync(folder, { recursive: true })
  },
)
