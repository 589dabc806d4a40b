import type { TailQuery } from './queries.ts'
import type {
  ConfigurationView,
  Containers,
  Diagnostics,
  Overview,
  PipelineView,
  Sinks,
  SoakReports,
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
  soakReports(): Promise<SoakReportsFacts>
  /** The page of a report; undefined: there is none. */
  soakReportPage(name: string): Promise<Buffer | undefined>
  /** A feed of lines that pass, which looks at none before it is begun. The caller disposes of it. */
  openTail(query: TailQuery): { readonly kind: 'open'; readonly feed: TailFeed } | TailRefusal
}

/** As the answer has them, but for the links to them. */
export type SoakReportFacts = Omit<SoakReports['reports'][number], 'path'>
export interface SoakReportsFacts {
  readonly folder: string
  readonly reports: readonly SoakReportFacts[]
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
