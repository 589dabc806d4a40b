import { z } from 'zod'
import { type Program, type SimulatedProcess, signalNumbers } from './process.ts'

/*
 * What the simulated engine runs as `Cmd`:
 *
 *   ["sim", "lines", "--count", "2000", "--rate", "1000", "--stream", "both", "--prefix", "n", "--pad", "100"]
 *   ["sim", "script", "[{\"print\":\"hello\\n\"},{\"sleepMs\":50},{\"exit\":3}]"]
 *   ["sim", "idle"]
 */

const streams = z.enum(['stdout', 'stderr', 'both'])
const step = z.union([
  /** Text as it is; bytes beyond UTF-8 as `base64`. */
  z.strictObject({ print: z.string(), to: streams.optional() }),
  z.strictObject({ base64: z.string(), to: streams.optional() }),
  /** `count` times the letter x, in one write. */
  z.strictObject({ fill: z.number().int().min(1), to: streams.optional() }),
  /** Lines `prefix`1 ... `prefix`count, `everyMs` apart; `padTo` bytes wide. */
  z.strictObject({
    lines: z.number().int().min(0),
    prefix: z.string().optional(),
    everyMs: z.number().min(0).optional(),
    padTo: z.number().int().optional(),
    to: streams.optional(),
  }),
  z.strictObject({ sleepMs: z.number().min(0) }),
  /** From now on TERM prints and ends the process. */
  z.strictObject({ onTerm: z.string(), exit: z.number().int() }),
  z.strictObject({ ignoreSignals: z.literal(true) }),
  z.strictObject({ exit: z.number().int() }),
  z.strictObject({ forever: z.literal(true) }),
])
const script = z.array(step)
export type Step = z.output<typeof step>

/** The program that a command stands for; undefined when it is none of ours. Throws when its script is malformed. */
export function programOf(command: readonly string[]): Program | undefined {
  const [name, verb, ...rest] = command
  if (name !== 'sim') return undefined
  if (verb === 'lines') return scriptProgram([linesStep(rest)])
  if (verb === 'script') return scriptProgram(script.parse(JSON.parse(rest[0] ?? '[]')))
  if (verb === 'idle') return scriptProgram([{ forever: true }])
  return undefined
}

function linesStep(words: readonly string[]): Step {
  const options: Record<string, string> = {}
  for (let i = 0; i + 1 < words.length; i += 2) options[words[i]!.replace(/^--/, '')] = words[i + 1]!
  const rate = options['rate']
  return step.parse({
    lines: Number(options['count'] ?? 1),
    everyMs: rate === undefined ? 0 : 1000 / Number(rate),
    prefix: options['prefix'],
    padTo: options['pad'] === undefined ? undefined : Number(options['pad']),
    to: options['stream'],
  })
}

/** Runs the steps one after the other; exit code 0 when none says another. */
function scriptProgram(steps: readonly Step[]): Program {
  return async (process) => {
    for (const step of steps) {
      if ('print' in step) write(process, step.to, Buffer.from(step.print))
      else if ('base64' in step) write(process, step.to, Buffer.from(step.base64, 'base64'))
      else if ('fill' in step) write(process, step.to, Buffer.alloc(step.fill, 'x'))
      else if ('lines' in step) await writeLines(process, step)
      else if ('sleepMs' in step) await process.sleep(step.sleepMs)
      else if ('onTerm' in step) endOnTerm(process, step)
      else if ('ignoreSignals' in step) process.onSignal(() => undefined)
      else if ('forever' in step) await forever(process)
      else return step.exit
      await process.ready()
    }
    return 0
  }
}

function write(process: SimulatedProcess, to: z.output<typeof streams> | undefined, bytes: Buffer): boolean {
  if (to !== 'both') return process.write(to ?? 'stdout', bytes)
  process.write('stdout', bytes)
  return process.write('stderr', bytes)
}

function endOnTerm(process: SimulatedProcess, step: { readonly onTerm: string; readonly exit: number }): void {
  process.onSignal((signal) => {
    if (signal !== signalNumbers['TERM']) return
    process.write('stdout', Buffer.from(step.onTerm))
    process.exit(step.exit)
  })
}

async function forever(process: SimulatedProcess): Promise<never> {
  const dayMs = 86_400_000
  while (true) await process.sleep(dayMs)
}

/** A timer tick is at least so long; the lines that are due since the last one are written together. */
const tickMs = 10
const largestWriteBytes = 32_768

async function writeLines(process: SimulatedProcess, step: Extract<Step, { lines: number }>): Promise<void> {
  const { lines, prefix = 'n', everyMs = 0, padTo = 0, to } = step
  const startedAtMs = performance.now()
  let written = 0
  while (written < lines) {
    const due = everyMs === 0 ? lines : Math.min(lines, 1 + Math.floor((performance.now() - startedAtMs) / everyMs))
    let text = ''
    while (written < due && text.length < largestWriteBytes) {
      written += 1
      text += `${`${prefix}${written}`.padEnd(padTo, ' .')}\n`
    }
    if (text !== '' && !write(process, to, Buffer.from(text))) await process.ready()
    if (written === lines) return
    if (written < due) await process.sleep(0)
    else await process.sleep(Math.max(tickMs, everyMs))
  }
}
