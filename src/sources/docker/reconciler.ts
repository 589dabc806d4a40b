import type { ContainerStatus } from '../../component/source.ts'
import type { EngineEvent, ListedContainer } from '../../engine/answers.ts'
import { LogCapturerError } from '../../lib/error.ts'
import { containerIdOf, type Identity, identityOfListed, streamKeys } from './container.ts'
import { followedStatus, type LeftOut, leftOutStatus } from './container-status.ts'
import { Follower, type RunState } from './follower.ts'
import { createSelection, hasOptedOut } from './selection.ts'
import type { Shared } from './shared.ts'
import { isLastLineTaken } from './watchdog.ts'

/** A quiet follow is probed after this time, then after twice as long, and so on. */
const firstProbeMs = 30_000
const lastProbeMs = 600_000
/** Between seeing a line that the follow has not brought and calling the follow stalled. */
const graceMs = 3_000

interface Followed {
  readonly follower: Follower
  probeAfterMs: number
  /** `performance.now()` when a probe saw a line that the follow had not brought; 0: none. */
  suspectSinceMs: number
}

/** Makes the followers be what the engine's list says they should be. The only owner of the followers. */
export class Reconciler implements AsyncDisposable {
  readonly #shared: Shared
  readonly #ownId: string | undefined
  readonly #isSelected: (identity: Identity) => boolean
  readonly #followed = new Map<string, Followed>()
  readonly #leftOut = new Map<string, LeftOut>()
  /** When the first list came, on the engine's clock: what was created later is new to us. `Created` has whole seconds. */
  #firstListSeconds = Number.POSITIVE_INFINITY
  #isClosed = false

  constructor(shared: Shared, ownId: string | undefined) {
    this.#shared = shared
    this.#ownId = ownId
    this.#isSelected = createSelection(shared.options)
  }

  /** Containers that are followed at this moment. */
  get following(): number {
    let following = 0
    for (const { follower } of this.#followed.values()) if (follower.status.state === 'following') following += 1
    return following
  }

  /**
   * Acts upon the engine's whole list. `wasAway`: events may have been missed before it, and with them whole runs: a container that is listed as ended, as it was before, may
   * have run in between.
   */
  reconcile(listed: readonly ListedContainer[], wasAway: boolean, signal: AbortSignal): void {
    if (signal.aborted || this.#isClosed) return
    const present = new Set<string>()
    for (const container of listed) {
      present.add(container.Id)
      this.#see(identityOfListed(container), {
        isNew: (container.Created ?? 0) >= this.#firstListSeconds,
        state: runStateOf(container.State),
      })
      if (wasAway) this.#followed.get(container.Id)?.follower.lookAgain()
    }
    for (const [id, { follower }] of this.#followed) {
      // The follower finds out by itself that its container is gone, after it has taken the last lines.
      if (!present.has(id)) follower.wake()
    }
    for (const id of this.#leftOut.keys()) if (!present.has(id)) this.#leftOut.delete(id)
    this.#shared.context.markPresent((key) => present.has(containerIdOf(key)))
    if (this.#firstListSeconds === Number.POSITIVE_INFINITY)
      this.#firstListSeconds = Math.floor(this.#shared.clock.now())
  }

  /** Acts upon one event. */
  onEvent(event: EngineEvent): void {
    if (event.Type !== 'container' || this.#isClosed) return
    const { ID: id, Attributes } = event.Actor
    const attributes = Attributes ?? {}
    const followed = this.#followed.get(id)
    switch (event.Action) {
      case 'create':
      case 'start':
        if (followed) {
          if (event.Action === 'start') followed.follower.wake('running')
        } else
          this.#see(identityOfEvent(id, attributes), {
            isNew: event.Action === 'create',
            state: event.Action === 'start' ? 'running' : 'created',
          })
        break
      case 'rename':
        followed?.follower.rename({
          ...followed.follower.identity,
          name: (attributes['name'] ?? '').replace(/^\//, ''),
        })
        break
      case 'die':
      case 'destroy':
      case 'remove':
        // A hint only: the follow's own end tells more, and may come before or after. Files have no end.
        if (event.Action === 'die') {
          followed?.follower.mayHaveEnded()
          break
        }
        this.#leftOut.delete(id)
        if (followed) followed.follower.destroyed()
        else this.#shared.context.markDestroyed(streamKeys(this.#shared.context.id, id))
        break
      default:
    }
  }

  /** Looks after follows that have been quiet for long: asks the engine whether its last line was taken, and reopens those where it was not. */
  async probeQuiet(signal: AbortSignal): Promise<void> {
    const now = performance.now()
    for (const followed of [...this.#followed.values()]) {
      const { follower } = followed
      if (follower.status.state !== 'following' || follower.status.readsFiles) continue
      const quietMs = now - follower.status.lastActivityMs
      if (quietMs < firstProbeMs) followed.probeAfterMs = firstProbeMs
      if (followed.suspectSinceMs > 0 ? now - followed.suspectSinceMs < graceMs : quietMs < followed.probeAfterMs)
        continue
      try {
        await this.#probe(followed, signal)
      } catch (error) {
        if (!(error instanceof LogCapturerError)) throw error
        // The engine is away, or the container gone: the follow's own end says so, too.
        this.#shared.context.metrics.swallowedErrors.inc({ place: 'docker_probe' })
      }
    }
  }

  async #probe(followed: Followed, signal: AbortSignal): Promise<void> {
    const { follower } = followed
    const { id } = follower.identity
    const isTaken = await isLastLineTaken(this.#shared, { id, streams: follower.streams }, signal)
    if (isTaken) {
      followed.suspectSinceMs = 0
      followed.probeAfterMs = Math.min(lastProbeMs, followed.probeAfterMs * 2)
    } else if (followed.suspectSinceMs === 0) followed.suspectSinceMs = performance.now()
    else {
      followed.suspectSinceMs = 0
      this.#shared.context.log.warn(
        { container: follower.identity.name },
        'a follow has fallen silent while the engine has more lines; it is opened again from the cursor',
      )
      follower.reopen()
    }
  }

  /** Opens the follows again whose cursors lie in the engine's future now. */
  clockSetBack(): void {
    for (const { follower } of this.#followed.values()) follower.clockSetBack()
  }

  #see(identity: Identity, seen: { isNew: boolean; state: RunState }): void {
    const known = this.#followed.get(identity.id)
    if (known) {
      known.follower.rename({
        ...identity,
        image: known.follower.identity.image,
        labels: known.follower.identity.labels,
      })
      if (seen.state === 'running' && known.follower.status.state === 'ended') known.follower.wake('running')
      if (seen.state === 'ended') known.follower.mayHaveEnded()
      return
    }
    const why = this.#whyLeftOut(identity)
    if (why !== undefined) {
      this.#leftOut.set(identity.id, { identity, reason: why })
      return
    }
    this.#leftOut.delete(identity.id)
    const follower = new Follower(this.#shared, identity, seen)
    this.#followed.set(identity.id, { follower, probeAfterMs: firstProbeMs, suspectSinceMs: 0 })
    void follower.done.then(() => this.#gone(identity.id))
  }

  #whyLeftOut(identity: Identity): string | undefined {
    if (identity.id === this.#ownId) return 'it is this collector'
    if (hasOptedOut(identity)) return 'its own label says so: log-capturer.exclude'
    return this.#isSelected(identity) ? undefined : 'include or exclude of the source leave it out'
  }

  #gone(id: string): void {
    this.#followed.delete(id)
    this.#shared.tallies.forget(streamKeys(this.#shared.context.id, id))
  }

  /** What people are told of each container. */
  containers(): readonly ContainerStatus[] {
    const followed = [...this.#followed.values()].map(({ follower }) => followedStatus(follower, this.#shared.tallies))
    return [...followed, ...[...this.#leftOut.values()].map(leftOutStatus)]
  }

  /** Brings the figures up to date; for whoever is about to read them. */
  count(): void {
    const { metrics, id: source } = this.#shared.context
    const counts = new Map([
      ['starting', 0],
      ['catching_up', 0],
      ['following', 0],
      ['in_turns', 0],
      ['ended', 0],
      ['unreadable', 0],
    ])
    for (const { follower } of this.#followed.values())
      counts.set(follower.status.state, counts.get(follower.status.state)! + 1)
    for (const [state, count] of counts) metrics.containers.set({ source, state }, count)
  }

  /** Ends all followers; resolves when their descriptors are gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true
    await Promise.all([...this.#followed.values()].map(({ follower }) => follower.close()))
  }
}

function identityOfEvent(id: string, attributes: Readonly<Record<string, string>>): Identity {
  const { name = '', image = '', ...labels } = attributes
  return { id, name: name.replace(/^\//, ''), image, labels }
}

/** The list's states; one that we do not know is taken for running, since a follow of a container that does not run just ends. */
function runStateOf(state: string | undefined): RunState {
  switch (state) {
    case 'created':
      return 'created'
    case 'exited':
    case 'dead':
    case 'removing':
    case 'restarting':
      return 'ended'
    default:
      return 'running'
  }
}
