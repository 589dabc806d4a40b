import { readdirSync, readFileSync } from 'node:fs'
import { until } from './until.ts'

/** The ids of living processes with all of `words` among their arguments. A number alone is never trusted: it may be reused. */
export function processesWith(words: readonly string[]): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((id) => {
      const argv = argumentsOf(id)
      return words.every((word) => argv.includes(word)) && isRunning(id)
    })
}

/** Sends `signal` to the processes with these arguments and waits until they are gone; kills what has not gone by then. */
export async function endProcesses(
  words: readonly string[],
  { signal, withinMs }: { readonly signal: 'SIGTERM' | 'SIGKILL'; readonly withinMs: number },
): Promise<void> {
  send(processesWith(words), signal)
  const areGone = () => processesWith(words).length === 0
  if (signal === 'SIGTERM') {
    try {
      await until(`${words.join(' ')} has ended`, areGone, { withinMs })
      return
    } catch {
      // It ignores the polite signal, or takes too long: what follows does not ask.
      send(processesWith(words), 'SIGKILL')
    }
  }
  await until(`${words.join(' ')} has been killed`, areGone)
}

export function send(ids: readonly number[], signal: NodeJS.Signals): void {
  for (const id of ids) {
    try {
      process.kill(id, signal)
    } catch (error) {
      // It has ended between the look and the signal.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
  }
}

function argumentsOf(id: number): readonly string[] {
  return read(`/proc/${id}/cmdline`).split('\0')
}

/** A zombie holds nothing but its number. */
function isRunning(id: number): boolean {
  const stat = read(`/proc/${id}/stat`)
  const state = stat.slice(stat.lastIndexOf(')') + 2).charAt(0)
  return state !== '' && state !== 'Z' && state !== 'X'
}

/** Empty when the process has gone meanwhile. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
