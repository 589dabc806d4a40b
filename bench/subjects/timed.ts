import { spawn } from 'node:child_process'
import { once } from 'node:events'

export interface Timed {
  readonly cpuSeconds: number
  readonly seconds: number
}

/** Runs a command to its end; the shell that waits for it tells what it cost. @throws when it fails */
export async function runTimed(command: string, words: readonly string[], output: string): Promise<Timed> {
  const script = 'TIMEFORMAT="%U %S %R"; out=$1; shift; time "$@" >"$out" 2>"$out.err"'
  const shell = spawn('bash', ['-c', script, 'bash', output, command, ...words], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  shell.stderr.on('data', (bytes: Buffer) => (said += bytes.toString()))
  const [status] = (await once(shell, 'close')) as [number | null]
  if (status !== 0) throw new Error(`${command} ended with status ${status ?? '?'}: ${said.trim()}`)
  const [user, system, seconds] = said.trim().split(/\s+/).slice(-3).map(Number) as [number, number, number]
  return { cpuSeconds: user + system, seconds }
}
