/** One thing that was looked at before, or while, a collector runs. */
export interface Finding {
  /** `ok`: nothing to do. `note`: it works, and could do better. `mend`: as it is, lines are not collected or not delivered, or soon will not be. */
  readonly status: 'ok' | 'note' | 'mend'
  /** What was looked at, a word or two: `engine`, `clock`. */
  readonly subject: string
  /** What was found. */
  readonly text: string
  /** What to do about it; there wherever the status is not `ok`. */
  readonly cure?: string | undefined
}

/** What looking at a component has come to. */
export interface Examination {
  readonly findings: readonly Finding[]
  /** Running containers that it would collect from. */
  readonly containers?: number
  /** Descriptors that it holds open at the most, for so many containers. */
  readonly descriptors?: number
  /** Folders that it watches by inotify. */
  readonly watches?: number
}

export interface ExaminationContext {
  /** The component's name in the configuration. */
  readonly id: string
  /** Running containers of all sources; 0 while sources are looked at. */
  readonly containers: number
  readonly signal: AbortSignal
}
