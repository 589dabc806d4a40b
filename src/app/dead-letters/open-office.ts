import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { DeadLetterOffice } from '../../api/dead-letter-office.ts'
import { Owned } from '../../lib/owned.ts'
import { DataDirInUseError } from '../../state/data-dir-error.ts'
import { DataDirLock } from '../../state/data-dir-lock.ts'
import type { Log } from '../../telemetry/log.ts'
import { createMetrics } from '../../telemetry/metrics.ts'
import type { CollectorTarget } from '../client/target.ts'
import type { CollectorConfig } from '../registries.ts'
import { LocalOffice, openDeadLetters } from './local-office.ts'
import { OfficeError } from './office-error.ts'
import { OfflineSinks } from './offline-sinks.ts'
import { RemoteOffice } from './remote-office.ts'

export type {
  DeadLetter,
  DeadLetterLine,
  DeadLetterOffice,
  DeadLetterSelection,
  OpenedDeadLetter,
  ReplayState,
} from '../../api/dead-letter-office.ts'

/** A way to the dead letters; closing it lets go of the files, where it has them. */
export interface OpenOffice extends AsyncDisposable {
  readonly office: DeadLetterOffice
  /** Whether a collector runs and has been asked: what it was told to do goes on without us. */
  readonly isRemote: boolean
}

/**
 * The dead letters of a configuration: those of the collector that runs with it, over its API, or, where none runs, the files themselves under the
 * lock. `target` says how the collector is asked, where the configuration does not. @throws OfficeError, ClientError, DataDirError
 */
export async function openOffice(
  config: CollectorConfig,
  log: Log,
  target: (configured: CollectorTarget) => CollectorTarget = (configured) => configured,
): Promise<OpenOffice> {
  const dataDir = resolve(config.dataDir)
  if (!existsSync(dataDir))
    throw new OfficeError(`there is no data_dir ${dataDir}, and so no dead letters`, {
      hint: 'name the configuration that the collector runs with (-c), and start in the same folder if data_dir is relative',
    })
  await using undo = new Owned()
  try {
    undo.take(await DataDirLock.open(dataDir))
  } catch (error) {
    if (!(error instanceof DataDirInUseError)) throw error
    const office = await RemoteOffice.connect({ config, target, processId: error.processId })
    return { office, isRemote: true, [Symbol.asyncDispose]: () => office[Symbol.asyncDispose]() }
  }
  const metrics = createMetrics()
  const letters = undo.take(await openDeadLetters(config, { log, metrics }))
  const sinks = undo.take(new OfflineSinks({ config, log, metrics }))
  const send = sinks.send.bind(sinks)
  const office = undo.take(await LocalOffice.open({ letters, send, dataDir, log, metrics }))
  const owned = undo.move()
  return { office, isRemote: false, [Symbol.asyncDispose]: () => owned[Symbol.asyncDispose]() }
}
