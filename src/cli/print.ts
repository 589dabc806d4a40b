import { LogCapturerError, messageOf } from '../lib/error.ts'

export function printLine(text = ''): void {
  process.stdout.write(`${text}\n`)
}

/** What was being done, why it failed, and what to do about it; where the failure is a defect of ours, the place as well. */
export function printError(error: unknown): void {
  const text = error instanceof Error && !(error instanceof LogCapturerError) ? (error.stack ?? '') : messageOf(error)
  const hint = error instanceof LogCapturerError && error.hint !== undefined ? `  ${error.hint}\n` : ''
  process.stderr.write(`log-capturer: ${text}\n${hint}`)
}

/** What did not work out, while other things did. */
export function printComplaint(text: string): void {
  process.stderr.write(`log-capturer: ${text}\n`)
}
