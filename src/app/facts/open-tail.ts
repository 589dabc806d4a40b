import type { CollectorFacts, TailFeed } from '../../api/v1/facts.ts'
import type { TailQuery } from '../../api/v1/queries.ts'
import type { Pipeline } from '../../pipeline/pipeline.ts'
import { Tail } from '../../tail/tail.ts'
import type { CollectorConfig } from '../registries.ts'
import { RecentFeed } from './recent-feed.ts'

/** Each may hold some MiB, and costs time for each line that passes. */
const maxTails = 16

/** The tails that are open. */
export class Tails {
  readonly #pipeline: Pipeline
  #open = 0

  constructor(pipeline: Pipeline) {
    this.#pipeline = pipeline
  }

  open({ at, last, ...selection }: TailQuery, config: CollectorConfig): ReturnType<CollectorFacts['openTail']> {
    const ids = [...config.sources, ...config.transforms].map(({ id }) => id)
    if (at !== undefined && !ids.includes(at)) {
      const error = `there is no source or transform "${at}" to look behind`
      return { kind: 'refused', status: 404, error, hint: `there are ${ids.join(', ')}` }
    }
    if (this.#open >= maxTails) {
      const error = `${maxTails} others look at lines already`
      return { kind: 'refused', status: 503, error, hint: 'close one of them, and try again' }
    }
    const feed = this.#feed(at, new Tail(selection))
    if (last === undefined) return { kind: 'open', feed }
    if (config.transforms.some(({ id }) => id === at)) {
      feed[Symbol.dispose]()
      const error = `what passed "${at!}" before is not kept, and the engine has it as it was before`
      return { kind: 'refused', status: 400, error, hint: 'leave out last, or look behind a source' }
    }
    return { kind: 'open', feed: new RecentFeed({ sources: this.#pipeline, selection, at, last }, feed) }
  }

  /** It is begun by whoever reads it first: somebody who has gone before that leaves nothing behind. */
  #feed(at: string | undefined, tail: Tail): TailFeed {
    let tap: Disposable | undefined
    return {
      begin: () => {
        if (this.#open >= maxTails) throw new Error(`${maxTails} others look at lines already`)
        this.#open += 1
        tap = this.#pipeline.taps.open(at, tail.take)
      },
      next: () => tail.next(),
      [Symbol.dispose]: () => {
        tail[Symbol.dispose]()
        if (tap === undefined) return
        tap[Symbol.dispose]()
        tap = undefined
        this.#open -= 1
      },
    }
  }
}
