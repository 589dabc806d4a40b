import type { ContainerStatus, RecentWish, Source, SourceStatus } from '../component/source.ts'
import { Bug, messageOf } from '../lib/error.ts'
import { abortable, linkSignals } from '../lib/wait.ts'
import type { Log } from '../telemetry/log.ts'

export interface SourceState {
  readonly id: string
  readonly status: SourceStatus
  /** Its lines are of containers that an engine has. */
  readonly hasContainers: boolean
  /** Why the source has stopped by itself; undefined: it has not. */
  readonly failure: string | undefined
  /** A queue behind it is full: it waits. */
  readonly isHeldBack: boolean
}

interface SourceEntry {
  readonly id: string
  readonly source: Source
  readonly stop: AbortController
  /** Undefined: it has not begun. */
  run: Promise<void> | undefined
  isRunning: boolean
  failure: string | undefined
}

/** The sources of a pipeline: they come, run, end and go, each by itself. Owned by the caller. */
export class Sources {
  readonly #log: Log
  readonly #entries = new Map<string, SourceEntry>()
  #stop: AbortSignal | undefined

  constructor(log: Log) {
    this.#log = log
  }

  /** It runs as soon as the others do. */
  add(id: string, source: Source): void {
    const stop = new AbortController()
    const entry: SourceEntry = { id, source, stop, run: undefined, isRunning: false, failure: undefined }
    this.#entries.set(id, entry)
    this.#start(entry)
  }

  /** Resolves when the source has emitted what it had and runs no more. */
  async remove(id: string): Promise<void> {
    const entry = this.#entries.get(id)
    if (!entry) throw new Bug(`there is no source "${id}" in the pipeline`)
    entry.stop.abort(new Error('the source is taken out'))
    await entry.run
    this.#entries.delete(id)
  }

  /** Until `stop` aborts they run, those that come later, too. */
  run(stop: AbortSignal): void {
    this.#stop = stop
    for (const entry of this.#entries.values()) this.#start(entry)
  }

  /** To be called when they shall stop; `drained` is how long they are waited for. */
  async untilStopped(drained: AbortSignal): Promise<void> {
    const runs = Promise.all([...this.#entries.values()].map(({ run }) => Promise.resolve(run)))
    await abortable(runs, drained).catch(() => undefined)
    for (const { id, isRunning } of this.#entries.values())
      if (isRunning) this.#log.error({ source: id }, 'a source has not stopped; it is waited for no longer')
  }

  states(isHeldBack: (id: string) => boolean): SourceState[] {
    return [...this.#entries.values()].map(({ id, source, failure }) => ({
      id,
      status: source.status(),
      hasContainers: source.containers !== undefined,
      failure,
      isHeldBack: isHeldBack(id),
    }))
  }

  /** The sources that take posted lines, by id. */
  receivers(): ReadonlyMap<string, NonNullable<Source['receive']>> {
    const found = [...this.#entries.values()].flatMap(({ id, source }) =>
      source.receive ? [[id, source.receive.bind(source)] as const] : [],
    )
    return new Map(found)
  }

  /** What each source knows of its containers. */
  containers(): { readonly source: string; readonly containers: readonly ContainerStatus[] }[] {
    return [...this.#entries.values()].map(({ id, source }) => ({
      source: id,
      containers: source.containers?.() ?? [],
    }))
  }

  /** Reads the last lines of one source's containers again, or of all. @returns what could not be read, a sentence each */
  async recent(
    wanted: string | undefined,
    wishOf: (source: string) => RecentWish,
    signal: AbortSignal,
  ): Promise<readonly string[]> {
    const sources = [...this.#entries.values()].filter(({ id }) => wanted === undefined || id === wanted)
    const notes = sources.map(async ({ id, source }) => {
      if (source.recent) return source.recent(wishOf(id), signal)
      // Who wants to see all sources knows that, or does not care.
      return wanted === undefined ? [] : [`what passed "${id}" before cannot be read again`]
    })
    return (await Promise.all(notes)).flat()
  }

  #start(entry: SourceEntry): void {
    if (this.#stop !== undefined) entry.run ??= this.#run(entry, this.#stop)
  }

  async #run(entry: SourceEntry, stop: AbortSignal): Promise<void> {
    entry.isRunning = true
    using either = linkSignals(stop, entry.stop.signal)
    try {
      await entry.source.run(either.signal)
    } catch (error) {
      entry.failure = messageOf(error)
      this.#log.error(
        { source: entry.id, error: entry.failure },
        'a source has stopped on a failure of its own; the others go on',
      )
    } finally {
      entry.isRunning = false
    }
  }
}
