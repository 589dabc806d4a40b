import type { TailQuery } from './queries.ts'
import type {
  ConfigurationView,
  Containers,
  Diagnostics,
  Overview,
  PipelineView,
  Sinks,
  TailEvent,
  WatchView,
} from './schemas.ts'

/** What the API asks the collector for. */
export interface CollectorFacts {
  overview(): Promise<Overview>
  containers(): Promise<Containers>
  pipeline(): Promise<PipelineView>
  sinks(): Promise<Sinks>
  watch(): WatchView
  configuration(): ConfigurationView
  diagnostics(): Promise<Diagnostics>
  /** A feed of lines that pass, which looks at none before it is begun. The caller disposes of it. */
  openTail(query: TailQuery): { readonly kind: 'open'; readonly feed: TailFeed } | TailRefusal
}

export interface TailRefusal {
  readonly kind: 'refused'
  readonly status: 400 | 404 | 503
  readonly error: string
  readonly hint: string
}

export interface TailFeed extends Disposable {
  /** Lines are looked at from now on. @throws when too many others have begun meanwhile */
  begin(): void
  /** The next lines, when there are some; none after quiet seconds. Rejects when the feed is disposed of. */
  next(): Promise<TailEvent>
}
