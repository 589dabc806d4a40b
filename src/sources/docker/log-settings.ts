import type { InspectedContainer } from '../../engine/answers.ts'
import type { LogFormat } from '../../log-file/log-tail.ts'
import { keepsOneFile, maxFileBytes, turnsOverFast } from './rotation.ts'

/** What the engine says of a container that never changes: the terminal, and the settings of its log. */
export class LogSettings {
  readonly format: LogFormat = { isTty: false, maxFileBytes: Number.POSITIVE_INFINITY, isOnlyFile: false }
  /** See `turnsOverFast`; undefined: not known yet. */
  turnsOverFast: boolean | undefined

  /** Whether the engine was asked. */
  get areKnown(): boolean {
    return this.turnsOverFast !== undefined
  }

  learn(inspected: InspectedContainer): void {
    this.turnsOverFast = turnsOverFast(inspected)
    this.format.isTty = inspected.Config.Tty === true
    this.format.maxFileBytes = maxFileBytes(inspected)
    this.format.isOnlyFile = keepsOneFile(inspected)
  }
}
