import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Owned } from '../../lib/owned.ts'
import { abortable, deferred } from '../../lib/wait.ts'
import { SimulatedEngine } from '../../simulator/engine.ts'
import { idle, type Program } from '../../simulator/process.ts'
import { lineText } from '../delivery/line-text.ts'
import type { Life, RunPlan } from '../work/plan.ts'
import { logConfigOf } from './log-config.ts'
import type { LoadContainer, LoadEngine } from './load-engine.ts'

/** Written in one go; a program that prints more is heard of in between. */
const linesPerWrite = 20
const killed = 9

export interface SimulatedOptions {
  readonly seed: number
  readonly socketPath: string | undefined
  /** The name that lines carry. */
  readonly lab: string
}

/** The project's simulated engine, in the lab's own process: it takes thousands of container runs a second. */
export async function openSimulatedLoadEngine(
  { seed, socketPath, lab }: SimulatedOptions,
  signal: AbortSignal,
): Promise<LoadEngine> {
  await using undo = new Owned()
  const folder = await mkdtemp(join(tmpdir(), 'log-capturer-soak-'))
  undo.defer(() => rm(folder, { recursive: true, force: true }))
  const listen = { socketPath: socketPath ?? join(folder, 'engine.sock') }
  const engine = undo.take(await SimulatedEngine.open({ listen, seed, isLiveRestore: true }, signal))
  let runsEnded = 0
  /** While the daemon is away nobody can ask it for anything. */
  let isBack: Promise<void> = Promise.resolve()
  const owned = undo.move()
  return {
    kind: 'simulated',
    version: engine.flavor.serverVersion,
    host: engine.host,
    label: undefined,
    faults: ['streams cut', 'engine restart'],
    async create(life, firstRun) {
      await isBack
      return createContainer({ engine, life, lab, firstRun, isBack: () => isBack, onEnd: () => (runsEnded += 1) })
    },
    async strike(fault) {
      if (fault === 'streams cut') engine.resetFollows()
      if (fault === 'engine restart') await (isBack = engine.restart())
    },
    look() {
      const { follows, reads, connections } = engine.counts()
      return Promise.resolve({
        streams: { opened: follows.opened + reads.opened, closed: follows.closed + reads.closed },
        runsEnded,
        descriptors: connections.opened - connections.closed,
        goroutines: undefined,
      })
    },
    [Symbol.asyncDispose]: () => owned[Symbol.asyncDispose](),
  }
}

interface NewLife {
  readonly engine: SimulatedEngine
  readonly life: Life
  readonly lab: string
  readonly firstRun: number
  readonly isBack: () => Promise<void>
  readonly onEnd: () => void
}

function createContainer({ engine, life, lab, firstRun, isBack, onEnd }: NewLife): LoadContainer {
  let begun = 0
  let end = deferred()
  const program: Program = async (process) => {
    const plan = life.runs[begun - 1]!
    for (let place = 1; place <= plan.lines; place += linesPerWrite) {
      const stream = (place / linesPerWrite) % 2 < 1 ? 'stdout' : 'stderr'
      process.write(stream, Buffer.from(textOf(plan, { lab, run: firstRun + begun - 1, place })))
      await process.ready()
    }
    return plan.ending === 'exits' || plan.ending === 'fails' ? Number(plan.ending === 'fails') : idle(process)
  }
  const container = engine.createContainer({ program, body: { HostConfig: { LogConfig: logConfigOf(life) } } })
  return {
    async start() {
      await isBack()
      begun += 1
      end = deferred()
      const ending = end
      const listening = container.onExit(() => {
        listening[Symbol.dispose]()
        onEnd()
        ending.resolve()
      })
      container.start()
    },
    async end(ending, signal) {
      await isBack()
      if (ending === 'is killed') container.kill(killed)
      else await container.stop(1_000, signal)
    },
    ended: (signal) => abortable(end.promise, signal),
    async remove() {
      await isBack()
      container.remove({ isForced: true })
    },
  }
}

/** As many lines as are written in one go, from `first` on. */
function textOf({ lines, lineBytes }: RunPlan, first: Parameters<typeof lineText>[0]): string {
  let text = ''
  for (let place = first.place; place < first.place + linesPerWrite && place <= lines; place++)
    text += lineText({ ...first, place }, lineBytes)
  return text
}
