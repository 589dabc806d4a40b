import { LogCapturerError } from '../../lib/error.ts'

/** What a metrics page says cannot be read. The message begins with `where:line:column`, as a compiler's does. */
export class ExpositionError extends LogCapturerError {
  readonly code = 'LAB_METRICS'
}

/** A metrics page could not be fetched. */
export class ScrapeError extends LogCapturerError {
  readonly code = 'LAB_SCRAPE'
}
