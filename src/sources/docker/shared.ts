import type { SourceContext } from '../../component/source.ts'
import type { Engine } from '../../engine/engine.ts'
import type { EngineClock } from '../../engine/line-stream.ts'
import type { LineWriter, PieceRules } from '../../engine/line-writer.ts'
import type { DriverLog } from '../../log-file/log-driver.ts'
import type { LogFileError } from '../../log-file/log-file-error.ts'
import type { TailSchedule } from '../../log-file/tail-schedule.ts'
import type { Semaphore } from '../../lib/semaphore.ts'
import type { DockerOptions } from './schema.ts'
import type { StreamTallies } from './stream-tallies.ts'

/** What the followers of one source have in common. */
export interface Shared {
  readonly context: SourceContext
  readonly options: DockerOptions
  readonly engine: Engine
  readonly clock: EngineClock
  readonly writer: LineWriter
  readonly tallies: StreamTallies
  /** Reads that search a whole log cost the engine seconds of processor time: only so many at once. */
  readonly catchUp: Semaphore
  /** One permit for each follow that may be open. */
  readonly follows: Semaphore
  pieceRules(): PieceRules
  /** Lines from the end that a read may begin with, smallest first; none where the engine's window and what follows it do not join. */
  windows(): readonly number[]
  /** Where a container's log may be in files, one for each driver whose files can be read; none where its log is to be read through the engine. */
  logFilesOf(id: string): readonly DriverLog[]
  /** A container's log files cannot be read: says so. Where it is not permitted, logs are read through the engine from now on. */
  filesRefused(error: LogFileError): void
  readonly tails: TailSchedule
  /** See EngineFacts. */
  followSkipsFiles(): boolean
  /** Resolves while, or as soon as, the engine answers. */
  up(signal: AbortSignal): Promise<void>
  /** Lines were read: sees to it that they are sent on before they get old. False while there is no room for more; then calls `resume` when there is. */
  linesRead(resume: () => void): boolean
}
