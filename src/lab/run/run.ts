import type { SeededRandom } from '../../simulator/random.ts'
import type { Look } from '../../soak/run-record.ts'
import type { Workplace } from '../work/perform.ts'
import type { Fault } from '../work/plan.ts'
import type { LabOptions, Progress } from './options.ts'
import type { Lab } from './set-up.ts'

/** A run that is under way. */
export interface Run extends Lab {
  readonly options: LabOptions
  readonly place: Workplace
  readonly faults: readonly Fault[]
  readonly random: SeededRandom
  readonly show: (progress: Progress) => void
  /** Of the program under test, as it grew. */
  readonly looks: Look[]
}

export interface End {
  /** The user's wish; undefined: it ran as long as it should. */
  readonly early: string | undefined
  /** Why the work could not go on. */
  readonly stuck: string | undefined
}
