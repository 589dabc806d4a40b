import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, expect, test } from 'vitest'
import { sleep } from '../../src/lib/wait.ts'
import { DeadLetters } from '../../src/pipeline/dead-letters/dead-letters.ts'
import { textsOf } from '../../src/pipeline/testing.ts'
import { SeededRandom } from '../../src/simulator/random.ts'
import { createLog } from '../../src/telemetry/log.ts'
import { createMetrics } from '../../src/telemetry/metrics.ts'
import { ensureBuilt } from '../helpers/command.ts'
import { until } from '../helpers/until.ts'

const kills = Number(process.env['KILLS'] ?? 20)
const worker = fileURLToPath(new URL('dead-letters-worker.mjs', import.meta.url))
const never = new AbortController().signal

beforeAll(ensureBuilt, 120_000)

/** What was said last of each letter, by its number. */
function lastSaid(journal: string): Map<number, string> {
  const said = existsSync(journal) ? readFileSync(journal, 'utf8').split('\n').slice(0, -1) : []
  return new Map(said.map((text) => text.split(' ')).map(([word, number]) => [Number(number), word!]))
}

/** How many letters of a number there may be when the process was killed after it had said this. */
const mayBeLeft: Readonly<Record<string, readonly number[]>> = {
  adding: [0, 1],
  added: [1],
  replacing: [1],
  replaced: [1],
  removing: [0, 1],
  removed: [0],
}

/** The numbers of the letters in `folder`, after what a crash left unfinished was cut off. */
async function numbersIn(folder: string, said: string[]): Promise<number[]> {
  const log = createLog('warn', { write: (line) => void said.push(line) })
  await using letters = await DeadLetters.open({ folder, maxBytes: 2 ** 40, log, metrics: createMetrics() })
  const numbers: number[] = []
  for await (const { id, lines } of letters.list()) {
    const [text] = textsOf((await letters.read(id))!.batch)
    expect(lines).toBe(1)
    numbers.push(Number.parseInt(text!, 10))
  }
  expect([...letters.totals().values()].reduce((sum, total) => sum + total.letters, 0)).toBe(numbers.length)
  return numbers
}

test(
  `dead letters whose process is killed ${kills} times while it adds, replaces and removes: none is lost, none is there twice`,
  { timeout: 60_000 + kills * 3_000 },
  async () => {
    const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000)
    process.stderr.write(`SEED=${seed}\n`)
    const random = new SeededRandom(seed)
    const folder = mkdtempSync(join(tmpdir(), 'killed-letters-'))
    const [lettersFolder, journal] = [join(folder, 'letters'), join(folder, 'journal')]
    let nextNumber = 0
    for (let kill = 0; kill < kills; kill++) {
      const child = spawn(process.execPath, [worker, lettersFolder, journal, String(nextNumber), String(seed + kill)], {
        stdio: ['ignore', 'ignore', 'inherit'],
      })
      const ended = once(child, 'exit')
      try {
        await until('the worker adds', () => lastSaid(journal).has(nextNumber), { withinMs: 20_000 })
        await sleep(random.next() * 300, never)
      } finally {
        child.kill('SIGKILL')
      }
      expect(await ended).toEqual([null, 'SIGKILL'])
      const warnings: string[] = []
      const left = await numbersIn(lettersFolder, warnings)
      const context = `seed ${seed}, kill ${kill}`
      for (const [number, word] of lastSaid(journal)) {
        const count = left.filter((one) => one === number).length
        expect(mayBeLeft[word], `${context}: letter ${number}, after "${word}"`).toContain(count)
        // From now on it is known which of both it was.
        appendFileSync(journal, `${count === 1 ? 'added' : 'removed'} ${number}\n`)
        nextNumber = Math.max(nextNumber, number + 1)
      }
      // Torn ends are cut off, and nothing else is amiss.
      for (const warning of warnings) expect(warning, context).toContain('left unfinished at the end')
    }
    expect(nextNumber).toBeGreaterThan(kills)
    rmSync(folder, { recursive: true })
  },
)
