/** Names the port that leaked sockets are connected to, for the program under test. */
export const portVariable = 'LOG_CAPTURER_SOAK_PORT'

/** What the lab asks of the probe in the program under test, over the channel between parent and child. */
export type Question =
  | { readonly ask: 'reading' }
  /** From now on allocations are watched: what is made later and still there at `survivors` is named. */
  | { readonly ask: 'watch' }
  | { readonly ask: 'survivors' }
  /** So many operations were done since the last time: leaks are planted accordingly. */
  | { readonly ask: 'plant'; readonly operations: number; readonly leaks: readonly PlantedLeak[] }

export const leakKinds = ['descriptors', 'sockets', 'timers', 'listeners', 'heap'] as const
export type LeakKind = (typeof leakKinds)[number]

export interface PlantedLeak {
  readonly kind: LeakKind
  /** Items, of heap KiB, per 1,000 operations. */
  readonly rate: number
}

/** At rest, after a collection of the heap. */
export interface ProbeReading {
  /** Of V8, without what it only refers to. */
  readonly heapBytes: number
  /** Buffers outside the heap. */
  readonly externalBytes: number
  /** What keeps the event loop waiting (process.getActiveResourcesInfo): sockets, servers, timers that are not unreferenced, requests. */
  readonly handles: number
  readonly timers: number
  readonly listeners: number
  /** The largest delay of the event loop since the last reading. */
  readonly loopDelayMs: number
  /** Processor time that reading all this took of the program. */
  readonly costMs: number
}

export interface ProbeSurvivor {
  readonly kind: 'timer' | 'listener' | 'heap'
  readonly what: string
  /** Items; bytes for heap. */
  readonly amount: number
}

export interface Answers {
  readonly reading: ProbeReading
  readonly watch: null
  readonly survivors: readonly ProbeSurvivor[]
  readonly plant: null
}
