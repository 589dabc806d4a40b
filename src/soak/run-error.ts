import { LogCapturerError } from '../lib/error.ts'

/** What a run left behind cannot be read. The message tells every place, the way a compiler does, up to a few. */
export class RunError extends LogCapturerError {
  readonly code = 'SOAK_RUN'

  static of(problems: readonly string[]): RunError {
    const rest = problems.length - shown
    const text = [...problems.slice(0, shown), ...(rest > 0 ? [`and ${rest} more`] : [])].join('\n')
    return new RunError(text, { hint: 'a run.json that `log-capturer soak` wrote, of this version, is needed' })
  }
}

const shown = 5
