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
  const ids = processesWith(words)
  send(ids, signal)
  const areGone = () => processesWith(words).length === 0 && ids.every(holdsNothing)
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

function isRunning(id: number): boolean {
  return !['', 'Z', 'X'].includes(stateOf(id))
}

/**
 * A process that ends loses its arguments before its descriptors, and its first thread is a zombie while others still hold
 * them: a socket can accept a connection when its owner is no longer seen. A zombie without further threads holds nothing.
 */
function holdsNothing(id: number): boolean {
  const threads = threadsOf(id)
  return threads === 0 || (threads === 1 && !isRunning(id))
}

function threadsOf(id: number): number {
  try {
    return readdirSync(`/proc/${id}/task`).length
  } catch {
    return 0
  }
}

function stateOf(id: number): string {
  const stat = read(`/proc/${id}/stat`)
  return stat.slice(stat.lastIndexOf(')') + 2).charAt(0)
}

/** Empty when the process has gone meanwhile. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
