import type { SourceContext } from '../../component/source.ts'
import type { ManagedStream } from '../../engine/managed-stream.ts'

/** What is being done with a container's log. */
type FollowerState = 'starting' | 'catching_up' | 'following' | 'in_turns' | 'ended' | 'unreadable'

/** What a follower is doing, and through what; counts what it has open. */
export class FollowStatus {
  state: FollowerState = 'starting'
  /** Why the log is not read, in `unreadable`. */
  reason = ''
  lastActivityMs = performance.now()
  /** Whether this round's follow was opened by the engine. */
  wasFollowed = false
  readonly #context: SourceContext
  #stream: ManagedStream | undefined
  #isOpen = false

  constructor(context: SourceContext) {
    this.#context = context
  }

  /** The follow that is open. */
  get stream(): ManagedStream | undefined {
    return this.#stream
  }

  get readsFiles(): boolean {
    return this.#isOpen && this.#stream === undefined
  }

  /** How the log is read at this moment; undefined: it is not. */
  get reader(): 'files' | 'api' | undefined {
    if (this.readsFiles) return 'files'
    return this.#isOpen || this.state === 'catching_up' || this.state === 'in_turns' ? 'api' : undefined
  }

  /** Something came. */
  active(): void {
    this.lastActivityMs = performance.now()
  }

  /** A follow is open, or, without a stream, the log's files. */
  opened(stream: ManagedStream | undefined): void {
    const { metrics, id: source } = this.#context
    this.#stream = stream
    this.#isOpen = true
    this.wasFollowed = stream !== undefined
    this.state = 'following'
    this.active()
    metrics.streamsOpened.inc({ source })
    metrics.streamsActive.inc({ source })
  }

  closed(reason: string): void {
    if (!this.#isOpen) return
    const { metrics, id: source } = this.#context
    this.#stream = undefined
    this.#isOpen = false
    metrics.streamsActive.dec({ source })
    metrics.streamsClosed.inc({ source, reason })
  }
}
