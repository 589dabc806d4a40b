import type { ResourceKind } from '../../soak/verdict/series.ts'

/** What the collector watches of itself. */
export interface WatchedResource {
  readonly name: ResourceName
  readonly kind: ResourceKind
  /** The load that explains growth, and what a unit of it holds at the most. */
  readonly load: keyof Load
  readonly perLoad: number
  /** Whether the limit of descriptors is what ends its growth. */
  readonly takesDescriptors: boolean
}

export type ResourceName =
  /**
   * As the kernel has them, without what is known to be held, and why: the connection of each container followed, the files that file sinks keep open (at
   * most 1,024 each), connections of clients to the API.
   */
  | 'descriptors'
  /** As the kernel has them, without the connections to engines that our ledger has as open, those files and clients: what no ledger knows. */
  | 'descriptors_beyond_ledger'
  /** Connections to engines by our ledger, opened minus closed, without one for each container followed. */
  | 'engine_connections'
  /** TCP and unix sockets that keep the event loop alive, without one for each container followed and clients of the API. */
  | 'sockets'
  | 'timers'
  | 'threads'
  /** What a full collection has left of the JavaScript heap, bytes; read once after each. */
  | 'heap'

/** What is held at one moment; NaN: it cannot be read. */
export type Held = Readonly<Record<ResourceName, number>>

/** What the collector has to do at one moment. */
export interface Load {
  /** Containers that are read, and requests that sinks may have on their way. */
  readonly all: number
  /** The same without containers that are followed and no more: those hold one connection each, which is taken out exactly. */
  readonly moving: number
}

export const watchedResources: readonly WatchedResource[] = [
  // A follow about to open, and a read beside it.
  { name: 'descriptors', kind: 'count', load: 'moving', perLoad: 2, takesDescriptors: true },
  // A sink's request has a connection that no ledger has.
  { name: 'descriptors_beyond_ledger', kind: 'count', load: 'moving', perLoad: 1, takesDescriptors: true },
  { name: 'engine_connections', kind: 'count', load: 'moving', perLoad: 2, takesDescriptors: true },
  { name: 'sockets', kind: 'count', load: 'moving', perLoad: 2, takesDescriptors: true },
  { name: 'timers', kind: 'count', load: 'all', perLoad: 6, takesDescriptors: false },
  { name: 'threads', kind: 'count', load: 'all', perLoad: 0, takesDescriptors: false },
  { name: 'heap', kind: 'size', load: 'all', perLoad: 256 * 1024, takesDescriptors: false },
]

/** Growth in a window that is told at all: pools that fill, and code that is compiled late, stay below. */
export const leastGrowth: Readonly<Record<ResourceKind, number>> = { count: 20, size: 16 * 2 ** 20 }

/** Clean is what is shown to grow slower. */
export const criterionPerHour: Readonly<Record<ResourceKind, number>> = { count: 10, size: 8 * 2 ** 20 }
