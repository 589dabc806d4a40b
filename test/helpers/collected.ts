import { type Row, rowsOf } from '../../src/batch/row.ts'
import type { Cursor } from '../../src/batch/cursor.ts'
import type { Source } from '../../src/component/source.ts'
import { docker } from '../../src/sources/docker/docker.ts'
import { abortable, type Deferred, deferred } from '../../src/lib/wait.ts'
import { createLog } from '../../src/telemetry/log.ts'
import { createMetrics, type Metrics } from '../../src/telemetry/metrics.ts'

type DockerInput = Parameters<typeof docker.options.parse>[0]

/**
 * A docker source whose lines are kept in memory, by stream, and whose cursors survive from one run to the next: everything behind the
 * source is left out, so that what is missing or doubled is the source's doing.
 */
export class CollectingSource implements AsyncDisposable {
  readonly metrics: Metrics = createMetrics()
  readonly rows = new Map<string, Row[]>()
  readonly cursors: Map<string, Cursor>
  room: Deferred<void> | undefined
  /** The source cannot wait for room. */
  onHurry: () => void = () => undefined
  readonly #stop = new AbortController()
  readonly #source: Source
  readonly #running: Promise<void>

  private constructor(source: Source, cursors: Map<string, Cursor>) {
    this.cursors = cursors
    this.#source = source
    this.#running = source.run(this.#stop.signal)
  }

  static async open(options: DockerInput, cursors = new Map<string, Cursor>()): Promise<CollectingSource> {
    const made: { collecting?: CollectingSource } = {}
    const metrics = createMetrics()
    const source = await docker.open(docker.options.parse(options), {
      id: 'engine',
      log: createLog((process.env['TEST_LOG'] as 'debug' | undefined) ?? 'silent'),
      metrics,
      cursorOf: (key, begin) => cursors.get(key) ?? begin,
      markPresent: () => undefined,
      markDestroyed: () => undefined,
      output: {
        get hasRoom() {
          return made.collecting?.room === undefined
        },
        room: async (signal) => {
          if (made.collecting?.room) await abortable(made.collecting.room.promise, signal)
        },
        hurry: () => made.collecting?.onHurry(),
        deliver: () => Promise.reject(new Error('the docker source delivers nothing')),
        emit(batch) {
          for (const row of rowsOf(batch)) made.collecting?.add(row)
          for (const { key, cursor } of batch.progress) cursors.set(key, cursor)
          batch.release()
        },
      },
    })
    const collecting = new CollectingSource(source, cursors)
    Object.assign(collecting, { metrics })
    made.collecting = collecting
    return collecting
  }

  get status() {
    return this.#source.status()
  }

  /** What comes behind the source is full, until the result is called. */
  holdBack(): () => void {
    const room = deferred()
    this.room = room
    return () => {
      this.room = undefined
      room.resolve()
    }
  }

  add(row: Row): void {
    const key = `${row.origin.container.name}/${row.origin.stream}`
    const rows = this.rows.get(key)
    if (rows) rows.push(row)
    else this.rows.set(key, [row])
  }

  /** The texts of one stream, in order. */
  texts(container: string, stream: 'stdout' | 'stderr' = 'stdout'): string[] {
    return (this.rows.get(`${container}/${stream}`) ?? []).map(({ text }) => text)
  }

  /** Stops the source as a shutdown does; the rest of what it had read has been emitted then. */
  async stop(): Promise<void> {
    this.#stop.abort(new Error('the test stops the source'))
    await this.#running
    await this.#source[Symbol.asyncDispose]()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }
}
