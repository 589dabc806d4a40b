import type { Outcome } from '../../soak/verdict/judge.ts'
import { type ExitCode, soakExitCodes } from '../exit-code.ts'

const statuses: Readonly<Record<Outcome, ExitCode>> = {
  clean: soakExitCodes.met,
  leak: soakExitCodes.leak,
  not_enough_evidence: soakExitCodes.open,
  invalid: soakExitCodes.invalid,
}

export function exitCodeOf(outcome: Outcome): ExitCode {
  return statuses[outcome]
}
