import { sleep } from '../../lib/wait.ts'
import { LabError } from '../lab-error.ts'
import { scrape } from '../prometheus/scrape.ts'
import { readProcess } from '../proc/read-process.ts'
import { Program } from './program.ts'
import type { Target } from './target.ts'

const metricsWithinMs = 60_000
const askAgainMs = 200

/** What a command under test is told of the lab, in its words as `{engine}` and `{url}` and in its environment. */
export interface Surroundings {
  readonly engineHost: string
  readonly receiverUrl: string
}

/** A program of somebody else's, started by the lab. @throws LabError when it does not start */
export async function openCommand(
  line: string,
  { engineHost, receiverUrl }: Surroundings,
  metricsUrl: string | undefined,
): Promise<Target> {
  const words = line.replaceAll('{engine}', engineHost).replaceAll('{url}', receiverUrl)
  const program = await Program.start({
    command: '/bin/sh',
    // The shell becomes the program, so that its number is the program's.
    words: ['-c', `exec ${words}`],
    env: { DOCKER_HOST: engineHost, LOG_CAPTURER_SOAK_URL: receiverUrl },
  })
  program.child.stdout?.resume()
  return {
    name: line,
    pid: program.pid,
    longestTimerMs: 0,
    metricsUrl,
    probe: undefined,
    ready: (signal) => untilItShowsMetrics(metricsUrl, () => program.ended(), signal),
    ended: () => program.ended(),
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  }
}

/** A program that runs already, and runs on when the lab is done. @throws LabError when there is none of this number */
export function openRunning(pid: number, metricsUrl: string | undefined): Target {
  if (readProcess(pid) === undefined)
    throw new LabError(`there is no process ${pid}`, { hint: 'take the number from ps or pidof' })
  return {
    name: `pid ${pid}`,
    pid,
    longestTimerMs: 0,
    metricsUrl,
    probe: undefined,
    ready: (signal) => untilItShowsMetrics(metricsUrl, () => undefined, signal),
    ended: () => (readProcess(pid) === undefined ? 'it has ended' : undefined),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
}

async function untilItShowsMetrics(
  url: string | undefined,
  ended: () => string | undefined,
  signal: AbortSignal,
): Promise<void> {
  if (url === undefined) return
  const deadline = performance.now() + metricsWithinMs
  for (;;) {
    const end = ended()
    if (end !== undefined) throw new LabError(`the program under test does not start: ${end}`)
    try {
      await scrape(url, signal)
      return
    } catch (error) {
      if (signal.aborted || performance.now() > deadline) throw error
    }
    await sleep(askAgainMs, signal)
  }
}
