/**
 * The base of every error that may reach a user. `message` says what was being done, to what, and why it
 * failed; `hint` says what to do about it. The code is declared once, on the class.
 */
export abstract class LogCapturerError extends Error {
  abstract readonly code: string
  readonly hint: string | undefined

  constructor(message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = new.target.name
    this.hint = options.hint
  }
}

/** A broken invariant of our own. It stops the component it happened in, never the process. */
export class Bug extends LogCapturerError {
  readonly code = 'BUG'
}

/** The text of anything that was thrown. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.message !== '') return error.message
  return codeOf(error) ?? error.name
}

/** The `code` of a system or library error (`ECONNREFUSED`, `UND_ERR_SOCKET`), where it has one. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}
