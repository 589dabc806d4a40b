import { LogCapturerError } from '../lib/error.ts'

/** A series or its criteria cannot be read. The message tells every place, the way a compiler does, up to a few. */
export class SeriesError extends LogCapturerError {
  readonly code = 'SERIES'

  static of(problems: readonly string[], hint?: string): SeriesError {
    const rest = problems.length - shown
    const text = [...problems.slice(0, shown), ...(rest > 0 ? [`and ${rest} more`] : [])].join('\n')
    return new SeriesError(text, hint === undefined ? {} : { hint })
  }
}

const shown = 5
