import { once } from 'node:events'
import { abortable } from '../../lib/wait.ts'
import { LabError } from '../lab-error.ts'
import { type ReadyLine, referenceCommand, type ReferenceName, type ReferenceOptions } from '../references/index.ts'
import { Program } from './program.ts'
import type { Target } from './target.ts'

/** A reference collector, in a process of its own; it follows when this resolves. @throws LabError when it does not start */
export async function openReference(
  name: ReferenceName,
  options: ReferenceOptions,
  signal: AbortSignal,
): Promise<Target> {
  const program = await Program.start({ command: process.execPath, words: referenceCommand(name, options) })
  try {
    const { metrics } = await readyLine(program, name, signal)
    return {
      name,
      pid: program.pid,
      longestTimerMs: 0,
      metricsUrl: metrics,
      probe: undefined,
      ready: () => Promise.resolve(),
      ended: () => program.ended(),
      [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
    }
  } catch (error) {
    await program[Symbol.asyncDispose]()
    throw error
  }
}

async function readyLine(program: Program, name: string, signal: AbortSignal): Promise<ReadyLine> {
  const { stdout } = program.child
  const ended = once(program.child, 'exit').then(() => {
    throw new LabError(`the reference collector ${name} does not start: ${program.ended() ?? ''}`)
  })
  const [bytes] = (await abortable(Promise.race([once(stdout!, 'data'), ended]), signal)) as [Buffer]
  ended.catch(() => undefined)
  return JSON.parse(bytes.toString().split('\n')[0]!) as ReadyLine
}
