import type { ContainerStatus, StreamStatus } from '../../component/source.ts'
import type { LineStream } from '../../engine/line-stream.ts'
import type { Identity } from './container.ts'
import type { Follower } from './follower.ts'
import type { StreamTallies } from './stream-tallies.ts'

/** A container that is not collected, and why. */
export interface LeftOut {
  readonly identity: Identity
  readonly reason: string
}

export function followedStatus(follower: Follower, tallies: StreamTallies): ContainerStatus {
  const { identity, status, streams } = follower
  const { state, reader, reason } = status
  return {
    ...shown(identity),
    state,
    reader,
    reason: state === 'unreadable' ? reason : undefined,
    streams: [streamStatus(streams.stdout, tallies), streamStatus(streams.stderr, tallies)],
  }
}

export function leftOutStatus({ identity, reason }: LeftOut): ContainerStatus {
  return { ...shown(identity), state: 'left_out', reader: undefined, reason, streams: [] }
}

function shown({ id, name, image }: Identity) {
  return { id, name, image }
}

function streamStatus({ origin, hasCursor, seconds, nanos }: LineStream, tallies: StreamTallies): StreamStatus {
  const { key, stream } = origin
  return { key, stream, ...tallies.tallyOf(key), last: hasCursor ? { seconds, nanos } : undefined }
}
