/**
 * What a series goes along. `cycle` and `operation`: one reading a cycle, at rest, with the load stopped; an operation's place is the number of
 * operations done so far. `minute`: readings in time, under whatever load there was.
 */
export type AxisUnit = 'cycle' | 'operation' | 'minute'

export interface Series {
  readonly unit: AxisUnit
  /** Places of the readings on the axis, in `unit`. */
  readonly at: readonly number[]
  readonly resources: readonly ResourceSeries[]
  /** Columns that were passed over. */
  readonly unread: readonly string[]
  /** Columns that name the process (pid, start time), as text: they must not change. */
  readonly identities: readonly { readonly name: string; readonly values: readonly string[] }[]
}

export interface ResourceSeries {
  readonly name: string
  /** As many as places; NaN where there is none. */
  readonly values: readonly number[]
}

/** Things that are counted, or an amount (bytes, seconds). */
export type ResourceKind = 'count' | 'size'

export interface Criteria {
  /** The chance, for all resources together, that a verdict is wrong: a leak where there is none, or clean where the criterion is not met. */
  readonly alpha: number
  /** How many times this run has been judged, this one included, where it is judged again as it grows; undefined: only once. */
  readonly look: number | undefined
  /** In units of the axis; the trend rule's only. */
  readonly warmUp: number | undefined
  /** What is judged; empty: every resource of the series, with no criterion. */
  readonly resources: readonly Criterion[]
}

export interface Criterion {
  readonly name: string
  /** Growth per unit of the axis that the resource has to stay below; undefined: only leaks are looked for. */
  readonly below: number | undefined
  /** Undefined: told from the values. */
  readonly kind: ResourceKind | undefined
}
