/** What the collector says of its own resources: does what it holds grow? It informs and alarms; nothing is restarted by it. */
export interface WatchReport {
  /** A leak anywhere, then what cannot be read, then anything open decides. */
  readonly outcome: WatchOutcome
  readonly watchedSeconds: number
  /** As the kernel has them; the limit is the soft one. Undefined: it cannot be read, or there is none. */
  readonly descriptors: { readonly open: number | undefined; readonly limit: number | undefined }
  /** Only told: what the kernel leaves to a process says little about what it needs. */
  readonly residentBytes: number
  readonly resources: readonly WatchedResourceReport[]
}

/** `invalid`: it cannot be read on this system. */
export type WatchOutcome = 'clean' | 'leak' | 'not_enough_evidence' | 'invalid'

export interface WatchedResourceReport {
  readonly name: string
  readonly unit: 'items' | 'bytes'
  readonly outcome: WatchOutcome
  /** What is judged of it, now. */
  readonly held: number | undefined
  /** An hour: what is likely, and the limits. Undefined: not judged yet. */
  readonly growthPerHour: { readonly rate: number; readonly low: number; readonly high: number } | undefined
  /** The length of what was judged. */
  readonly judgedHours: number | undefined
  /** Clean is slower growth. */
  readonly criterionPerHour: number
  /** Of a leak: when it was first told (RFC 3339), and, of descriptors, in how many hours the limit is reached. */
  readonly since: string | undefined
  readonly limitInHours: { readonly soonest: number; readonly likely: number; readonly latest: number } | undefined
  /** Why there is no growth to tell. */
  readonly reason: string | undefined
}
