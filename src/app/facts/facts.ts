import type { CollectorFacts, SoakReportsFacts } from '../../api/v1/facts.ts'
import type { TailQuery } from '../../api/v1/queries.ts'
import type {
  ConfigurationView,
  Containers,
  Diagnostics,
  Overview,
  PipelineView,
  Sinks,
  WatchView,
} from '../../api/v1/schemas.ts'
import { configurationView } from './configuration-view.ts'
import { containersView } from './containers-view.ts'
import { diagnosticsOf } from './diagnostics.ts'
import type { FactSources } from './fact-sources.ts'
import { readFigures } from './figures.ts'
import { Tails } from './open-tail.ts'
import { overviewOf } from './overview.ts'
import { pipelineView } from './pipeline-view.ts'
import { Rates } from './rates.ts'
import { sinksView } from './sinks-view.ts'
import { SoakReports } from './soak-reports.ts'

/** What the API tells of a running collector. Everything is read when it is asked for: while nobody asks it costs nothing. */
export class Facts implements CollectorFacts {
  readonly #sources: FactSources
  readonly #figures = new Rates()
  readonly #containers = new Rates()
  readonly #tails: Tails
  readonly #soakReports: SoakReports

  constructor(sources: FactSources) {
    this.#sources = sources
    this.#tails = new Tails(sources.pipeline)
    this.#soakReports = new SoakReports(sources.config)
  }

  async overview(): Promise<Overview> {
    return overviewOf(this.#sources, this.#figures.measure(await readFigures(this.#sources.metrics)))
  }

  async containers(): Promise<Containers> {
    return containersView(this.#sources.pipeline, this.#containers)
  }

  async pipeline(): Promise<PipelineView> {
    return pipelineView(this.#sources, this.#figures.measure(await readFigures(this.#sources.metrics)))
  }

  async sinks(): Promise<Sinks> {
    return sinksView(this.#sources, this.#figures.measure(await readFigures(this.#sources.metrics)))
  }

  watch(): WatchView {
    const { watch } = this.#sources
    const { resources, ...report } = watch.report()
    return { ...report, resources: [...resources], windows: watch.readings() }
  }

  configuration(): ConfigurationView {
    return configurationView(this.#sources.config())
  }

  soakReports(): Promise<SoakReportsFacts> {
    return this.#soakReports.list()
  }

  soakReportPage(name: string): Promise<Buffer | undefined> {
    return this.#soakReports.page(name)
  }

  async diagnostics(): Promise<Diagnostics> {
    return diagnosticsOf(this.#sources)
  }

  openTail(query: TailQuery): ReturnType<CollectorFacts['openTail']> {
    return this.#tails.open(query, this.#sources.config())
  }
}
