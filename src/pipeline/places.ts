/** Where sinks stand in the streams of a source, by each way that lines come to them. */
import { compareCursors, type Cursor } from '../batch/cursor.ts'
import type { CursorStore } from '../state/cursor-store.ts'
import type { Branches } from './graph.ts'
import type { Lane } from './lane.ts'
import { keysAfter } from './ways.ts'

/** Where lines come to a sink by other ways than before, its places move with them. To be called while nothing of the source is read. */
export function settlePlaces(store: CursorStore, id: string, { lanes, ways }: Branches<Lane>): void {
  for (const lane of lanes) {
    const wanted = ways.filter((one) => one.lane === lane).map(({ way }) => way)
    const keysOf = keysAfter(id, wanted, new Set([...store.keys(lane.id), ...lane.queuedKeys()]))
    if (keysOf === undefined) continue
    store.rename(lane.id, keysOf)
    lane.rename(keysOf)
  }
}

/**
 * The earliest of the sinks' places; the sinks that are further will pass over what they have. What is on its way to a sink counts: it
 * will arrive, and a source that opens the stream anew must not bring it again.
 */
export function resumeAt(
  store: CursorStore,
  {
    key,
    begin,
    branches,
  }: { readonly key: string; readonly begin: Cursor | undefined; readonly branches: Branches<Lane> },
): Cursor | undefined {
  const places = branches.ways.map(({ lane, way }) => {
    const name = key + way
    return { lane, way, name, cursor: lane.queuedUpTo(name) ?? store.position(lane.id, name) ?? begin }
  })
  let earliest = places[0]?.cursor
  for (const { lane, name, cursor } of places) {
    // Kept, so that a crash before the sink's first line does not move where it begins.
    if (begin && cursor === begin) store.advance(lane.id, [{ key: name, cursor: begin }])
    if (earliest && (cursor === undefined || isFurther(earliest, cursor))) earliest = cursor
  }
  const further = places.flatMap(({ cursor, ...rest }) =>
    cursor && isFurther(cursor, earliest) ? [{ ...rest, cursor }] : [],
  )
  for (const { lane, name, cursor } of further) lane.passOver(name, cursor)
  branches.reopen(key, further)
  return earliest
}

/** Up to where each sink behind the source has acknowledged the stream; 1970 where it has nothing of it. */
export function acknowledgedUpTo(
  store: CursorStore,
  key: string,
  { lanes, ways }: Branches<Lane>,
): { sink: string; seconds: number; nanos: number }[] {
  return lanes.map((lane) => {
    const places = ways
      .filter((one) => one.lane === lane)
      .map(({ way }) => store.position(lane.id, key + way) ?? { seconds: 0, nanos: 0, count: 0 })
    const { seconds, nanos } = places.reduce((a, b) => (compareCursors(a, b) <= 0 ? a : b))
    return { sink: lane.id, seconds, nanos }
  })
}

/** Whether `a` lies after `b`; anything lies after no place at all. */
function isFurther(a: Cursor, b: Cursor | undefined): boolean {
  return b === undefined || compareCursors(a, b) > 0
}
