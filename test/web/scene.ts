import { randomUUID } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Owned } from '../../src/lib/owned.ts'
import type { SimulatedContainer } from '../../src/simulator/container.ts'
import { SimulatedEngine } from '../../src/simulator/engine.ts'
import { RunningCollector } from '../helpers/collector.ts'
import { generousLimits } from '../receivers/loki/limits.ts'
import { LokiReceiver } from '../receivers/loki/loki-receiver.ts'
import { inTurn } from '../receivers/loki/misbehaviour.ts'

/** A collector on a simulated engine, with a filter, a file sink and a Loki, whose page is looked at. */
export class WebScene implements AsyncDisposable {
  readonly engine: SimulatedEngine
  readonly receiver: LokiReceiver
  readonly collector: RunningCollector
  /** Of the page. */
  readonly url: string
  readonly #owned: Owned
  readonly #api: { text: string }

  private constructor(
    parts: Pick<WebScene, 'engine' | 'receiver' | 'collector'> & { readonly api: { text: string } },
    owned: Owned,
  ) {
    this.#api = parts.api
    this.engine = parts.engine
    this.receiver = parts.receiver
    this.collector = parts.collector
    this.#owned = owned
    const { host, port } = parts.collector.collector.listen!
    this.url = `http://${host}:${port}/`
  }

  /** `watchEveryMs`: between looks at what the collector holds, so that there are readings within a test. */
  static async open(options: { readonly watchEveryMs?: number } = {}): Promise<WebScene> {
    await using undo = new Owned()
    const socketPath = join(tmpdir(), `${randomUUID()}.sock`)
    const engine = undo.take(await SimulatedEngine.open({ listen: { socketPath } }, new AbortController().signal))
    const api = { text: '{ listen: "127.0.0.1:0" }' }
    const receiver = undo.take(await LokiReceiver.open({ limits: generousLimits }))
    const configuration = (folder: string) => `
data_dir: ${folder}/state
sources:
  engine: { type: docker, host: "${engine.host}", exclude: { names: [left-out] } }
transforms:
  quiet: { type: filter, inputs: [engine], exclude: ["GET /style.css"] }
sinks:
  disk: { type: file, inputs: [engine], path: "${folder}/logs/{container.name}.log" }
  loki:
    type: loki
    inputs: [quiet]
    url: "${receiver.url}"
    auth: { username: collector, password: "correct horse" }
    batch: { max_age: 250ms }
api: ${api.text}
`
    const collector = undo.take(await RunningCollector.open(configuration, undefined, options))
    await collector.ready()
    return new WebScene({ engine, receiver, collector, api }, undo.move())
  }

  /** Puts other settings of the API in force, and of the page with it. */
  async setApi(text: string): Promise<void> {
    this.#api.text = text
    await this.collector.reload()
  }

  container(name: string): SimulatedContainer {
    const container = this.engine.createContainer({ name })
    container.start()
    return container
  }

  /** Loki refuses everything for good, until `accept`. */
  refuse(): void {
    this.receiver.misbehave({ kind: 'answers', answers: inTurn([{ status: 400, text: 'no such thing' }]) })
  }

  accept(): void {
    this.receiver.behave()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#owned[Symbol.asyncDispose]()
  }
}
