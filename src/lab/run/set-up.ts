import type { Owned } from '../../lib/owned.ts'
import { Receiver } from '../delivery/receiver.ts'
import { FileReceiver } from '../delivery/file-receiver.ts'
import { newLabName } from '../delivery/line-text.ts'
import { Tally } from '../delivery/tally.ts'
import type { LoadEngine } from '../engine/load-engine.ts'
import { openRealLoadEngine } from '../engine/real-load-engine.ts'
import { openSimulatedLoadEngine } from '../engine/simulated-load-engine.ts'
import { openCollector } from '../target/collector-under-test.ts'
import { openCommand, openRunning } from '../target/command.ts'
import { openReference } from '../target/reference.ts'
import type { Target } from '../target/target.ts'
import { Observer } from './observer.ts'
import type { LabOptions } from './options.ts'
import type { Subject } from './subject.ts'

const simulatedRotationSeconds = 0.1
/** A real engine takes its time between two requests: connections that are not kept so long would hardly be used again. */
const keepAliveMs = { simulated: 200, real: 2_000 } as const

export interface Lab {
  readonly engine: LoadEngine
  readonly receiver: Receiver
  /** The one under test first. */
  readonly subjects: readonly [Subject, ...Subject[]]
}

/** Opens everything that a run needs; `owned` closes it. */
export async function setUp(options: LabOptions, owned: Owned, signal: AbortSignal): Promise<Lab> {
  const lab = newLabName()
  const tally = new Tally(lab)
  const receiver = owned.take(await Receiver.open(tally))
  if (options.delivered !== undefined) owned.take(new FileReceiver(options.delivered, tally))
  const engine = owned.take(await openEngine(options, lab, signal))
  const target = owned.take(await openTarget(options, engine, receiver))
  await target.ready(signal)
  const underTest = {
    role: 'under test',
    observer: owned.take(new Observer(target)),
    tally: isTold(options) ? tally : undefined,
  } as const
  const subjects: [Subject, ...Subject[]] = [underTest]
  // Where containers live for a moment only, streams must be rotated as often to meet them.
  const rotation = engine.kind === 'simulated' ? { rotationSeconds: simulatedRotationSeconds } : {}
  for (const name of options.references) {
    const reference = owned.take(await openReference(name, { engineHost: engine.host, ...rotation }, signal))
    subjects.push({ role: 'reference', observer: owned.take(new Observer(reference)), tally: undefined })
  }
  return { engine, receiver, subjects }
}

function openEngine({ engine, seed }: LabOptions, lab: string, signal: AbortSignal): Promise<LoadEngine> {
  return engine.kind === 'simulated'
    ? openSimulatedLoadEngine({ seed, socketPath: engine.socketPath, lab }, signal)
    : openRealLoadEngine(engine, lab, signal)
}

async function openTarget(options: LabOptions, engine: LoadEngine, { url }: Receiver): Promise<Target> {
  const { target, metricsUrl } = options
  switch (target.kind) {
    case 'self':
      return openCollector({
        engineHost: engine.host,
        receiverUrl: url,
        label: engine.label,
        keepAliveMs: keepAliveMs[engine.kind],
      })
    case 'command':
      return openCommand(target.line, { engineHost: engine.host, receiverUrl: url }, metricsUrl)
    case 'process':
      return openRunning(target.pid, metricsUrl)
  }
}

/** Whether the lab gets to see the lines that the program under test delivers; a run without is invalid. */
export function isTold({ target, delivered }: Pick<LabOptions, 'target' | 'delivered'>): boolean {
  if (target.kind === 'self' || delivered !== undefined) return true
  return target.kind === 'command' && /\{url\}|LOG_CAPTURER_SOAK_URL/.test(target.line)
}
