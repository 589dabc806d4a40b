import { LogCapturerError, messageOf } from '../lib/error.ts'

export function printLine(text = ''): void {
  process.stdout.write(`${text}\n`)
}

/** What was being done, why it failed, and what to do about it; where the failure is a defect of ours, the place as well. */
export function printError(thrown: unknown): void {
  const error = firstOf(thrown)
  const text = error instanceof Error && !(error instanceof LogCapturerError) ? (error.stack ?? '') : messageOf(error)
  const hint = error instanceof LogCapturerError && error.hint !== undefined ? `  ${error.hint}\n` : ''
  process.stderr.write(`log-capturer: ${text}\n${hint}`)
}

/** Where closing failed as well, after something had gone wrong: that. What came of it would hide it. */
function firstOf(thrown: unknown): unknown {
  return thrown instanceof Error && 'suppressed' in thrown ? firstOf(thrown.suppressed) : thrown
}

/** What did not work out, while other things did. */
export function printComplaint(text: string): void {
  process.stderr.write(`log-capturer: ${text}\n`)
}
