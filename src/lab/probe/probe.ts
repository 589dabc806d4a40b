// Preloaded into the program under test (`node --expose-gc --expose-internals --import`): answers what the lab asks over the channel between them.
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { Allocations } from './allocations.ts'
import { watchListeners } from './listeners.ts'
import { type Answers, portVariable, type ProbeReading, type ProbeSurvivor, type Question } from './messages.ts'
import { Plant } from './plant.ts'
import { waitingTimers } from './timers.ts'

const allocationEveryBytes = 4_096
const nanosPerMs = 1e6
const microsPerMs = 1e3

const allocations = new Allocations()
const livingListeners = watchListeners()
const delay = monitorEventLoopDelay({ resolution: 20 })
const plant = new Plant(Number(process.env[portVariable]))
let known = counted()

delay.enable()
process.on('message', (message) => {
  const { id, question } = message as { readonly id: number; readonly question: Question }
  void answer(question).then((result) => process.send?.({ id, answer: result }))
})
// The channel alone must not keep the program alive; and when the lab has gone the program has no work.
process.channel?.unref()
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'))

async function answer(question: Question): Promise<Answers[Question['ask']]> {
  switch (question.ask) {
    case 'reading':
      return reading()
    case 'watch':
      collectGarbage()
      known = counted()
      allocations.watch(allocationEveryBytes)
      return null
    case 'survivors':
      return survivors()
    case 'plant':
      plant.after(question.operations, question.leaks)
      return null
  }
}

async function reading(): Promise<ProbeReading> {
  const before = process.cpuUsage()
  const loopDelayMs = delay.max / nanosPerMs
  // Twice, with a turn of the loop between: what the first leaves to finalizers goes with the second.
  collectGarbage()
  await new Promise((resolve) => setImmediate(resolve))
  collectGarbage()
  const { timers, listeners } = counted()
  const { heapUsed, external } = process.memoryUsage()
  const { user, system } = process.cpuUsage(before)
  delay.reset()
  return {
    heapBytes: heapUsed,
    externalBytes: external,
    handles: process.getActiveResourcesInfo().length,
    timers: total(timers),
    listeners: total(listeners),
    loopDelayMs,
    costMs: (user + system) / microsPerMs,
  }
}

/** Node opens it with `--expose-gc`. */
function collectGarbage(): void {
  globalThis.gc!()
}

function counted() {
  return { timers: waitingTimers(), listeners: livingListeners() }
}

function survivors(): readonly ProbeSurvivor[] {
  collectGarbage()
  const now = counted()
  return [
    ...more('timer', known.timers, now.timers),
    ...more('listener', known.listeners, now.listeners),
    ...[...allocations.living()].map(([what, amount]) => ({ kind: 'heap', what, amount }) as const),
  ]
}

function more(kind: 'timer' | 'listener', before: ReadonlyMap<string, number>, now: ReadonlyMap<string, number>) {
  return [...now]
    .map(([what, count]) => ({ kind, what, amount: count - (before.get(what) ?? 0) }))
    .filter(({ amount }) => amount > 0)
}

function total(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((sum, count) => sum + count, 0)
}
