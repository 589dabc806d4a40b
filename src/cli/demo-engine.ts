import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { formatAddress } from '../engine/address.ts'
import { type EngineCandidate, engineCandidates } from '../engine/find-engine.ts'
import { firstAnswering } from '../engine/probe-engine.ts'
import { Owned } from '../lib/owned.ts'
import { isAbortOf, linkSignals } from '../lib/wait.ts'
import { startDemo } from '../simulator/demo.ts'
import { SimulatedEngine } from '../simulator/engine.ts'

/** An engine for the demo: one that is there, or a simulated one. */
export interface DemoEngine extends AsyncDisposable {
  readonly introduction: string
  /** Where it listens; undefined for one that was found: the source finds it the same way. */
  readonly host: string | undefined
}

const findWithinMs = 10_000

export async function openDemoEngine(signal: AbortSignal): Promise<DemoEngine> {
  const candidates = engineCandidates()
  const found = await find(candidates, signal)
  if (found === undefined) return openSimulated(candidates, signal)
  const introduction = `collecting from the container engine at ${formatAddress(found.address)} (${found.from})`
  return { introduction, host: undefined, [Symbol.asyncDispose]: async () => undefined }
}

async function find(candidates: readonly EngineCandidate[], signal: AbortSignal): Promise<EngineCandidate | undefined> {
  using limited = linkSignals(signal, AbortSignal.timeout(findWithinMs))
  try {
    return await firstAnswering(candidates, limited.signal)
  } catch (error) {
    if (signal.aborted || !isAbortOf(limited.signal, error)) throw error
    return undefined
  }
}

async function openSimulated(candidates: readonly EngineCandidate[], signal: AbortSignal): Promise<DemoEngine> {
  await using undo = new Owned()
  const folder = await mkdtemp(join(tmpdir(), 'log-capturer-demo-'))
  undo.defer(() => rm(folder, { recursive: true, force: true }))
  const listen = { socketPath: join(folder, 'engine.sock') }
  const engine = undo.take(await SimulatedEngine.open({ listen }, signal))
  const containers = startDemo(engine)
  const places = candidates.map(({ from }) => from).join(', ')
  const introduction = `no container engine answers (${places}), so this is a simulated one with ${containers.length} containers`
  const owned = undo.move()
  return { introduction, host: engine.host, [Symbol.asyncDispose]: () => owned[Symbol.asyncDispose]() }
}
