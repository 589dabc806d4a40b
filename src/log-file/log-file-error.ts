import { LogCapturerError, codeOf, messageOf } from '../lib/error.ts'

/** A container's log file cannot be read. */
export class LogFileError extends LogCapturerError {
  readonly code = 'LOG_FILE'
  /** It is not permitted, and will not be as long as the process lives: the same goes for other containers. */
  readonly isForbidden: boolean

  constructor(path: string, cause: unknown) {
    super(`the log file ${path} cannot be read: ${messageOf(cause)}`, { cause, ...hintFor(codeOf(cause)) })
    this.isForbidden = ['EACCES', 'EPERM'].includes(codeOf(cause) ?? '')
  }
}

function hintFor(code: string | undefined): { hint?: string } {
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return { hint: 'run log-capturer as a user that may read the log files, or set `read: api` in the source' }
    case 'EMFILE':
      return { hint: 'raise the limit of open files (`ulimit -n`), or set `read: api` in the source' }
    default:
      return {}
  }
}
