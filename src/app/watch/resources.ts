import type { ResourceKind } from '../../soak/verdict/series.ts'

/** What the collector watches of itself. */
export interface WatchedResource {
  readonly name: ResourceName
  readonly kind: ResourceKind
  /** What one more container followed, or one more request of a sink on its way, may hold at the most: so much growth is explained by load. */
  readonly perLoad: number
  /** Whether the limit of descriptors is what ends it. */
  readonly takesDescriptors: boolean
}

export type ResourceName =
  /** Of the kernel's list: without the files that file sinks keep open and connections of clients to the API, both known and bounded. */
  | 'descriptors'
  /** Those again, without the connections to engines that our own ledger has as open: closed for us, and open for the kernel. */
  | 'descriptors_beyond_ledger'
  /** Connections to engines, opened minus closed. */
  | 'engine_connections'
  /** TCP and unix sockets that keep the event loop alive, without clients of the API. */
  | 'sockets'
  | 'timers'
  | 'threads'
  /** What was left of the JavaScript heap after the last full collection, bytes. */
  | 'heap'

export const watchedResources: readonly WatchedResource[] = [
  // A follow, and a read beside it.
  { name: 'descriptors', kind: 'count', perLoad: 2, takesDescriptors: true },
  // A sink's request has a connection that no ledger has.
  { name: 'descriptors_beyond_ledger', kind: 'count', perLoad: 1, takesDescriptors: true },
  { name: 'engine_connections', kind: 'count', perLoad: 2, takesDescriptors: true },
  { name: 'sockets', kind: 'count', perLoad: 2, takesDescriptors: true },
  { name: 'timers', kind: 'count', perLoad: 6, takesDescriptors: false },
  { name: 'threads', kind: 'count', perLoad: 0, takesDescriptors: false },
  { name: 'heap', kind: 'size', perLoad: 256 * 1024, takesDescriptors: false },
]

/** Growth in a window that is told at all: pools that fill, and code that is compiled late, stay below. */
export const leastGrowth: Readonly<Record<ResourceKind, number>> = { count: 20, size: 16 * 2 ** 20 }

/** Per hour. Clean is what is shown to grow slower. */
export const criterionPerHour: Readonly<Record<ResourceKind, number>> = { count: 10, size: 8 * 2 ** 20 }

/** What was held at one moment; NaN: it cannot be read here. */
export type Held = Readonly<Record<ResourceName, number>>
