/** How fast a resource grows: per unit of the axis (cycle, operation, minute), with one-sided limits of `level` each. */
export interface Growth {
  readonly rate: number
  readonly low: number
  readonly high: number
  readonly level: number
}

/** What a rule finds in one resource. */
export type Finding =
  | { readonly kind: 'growth'; readonly growth: Growth; readonly isLeak: boolean; readonly evidence: Evidence }
  /** The rule cannot tell, whatever the criterion. */
  | { readonly kind: 'unjudged'; readonly reason: string; readonly evidence: Evidence }

export type Evidence = RisesEvidence | TrendEvidence

/** Of the rule for counts, once a cycle. */
export interface RisesEvidence {
  readonly rule: 'rises'
  readonly readings: number
  /** Readings before the judged part: still settling. */
  readonly warmUp: number
  /** Length of the judged part on the axis. */
  readonly exposure: number
  /** Steps of the lasting floor upward, what they add up to, and the largest one. */
  readonly rises: number
  readonly risen: number
  readonly largestRise: number
  /** A leak has at least so many rises; more where more resources are judged. */
  readonly risesNeeded: number
  /** Variance of the steps over that of single items; the limits are widened by it. */
  readonly dispersion: number
  /** A leak as fast is found with a chance of 1 - level. */
  readonly detectableRate: number
  /** What came down again for good, and how far the walk of the floors is from one without drift, in standard deviations. */
  readonly fallen: number
  readonly drift: number
}

/** Of the rule for everything else. */
export interface TrendEvidence {
  readonly rule: 'trend'
  readonly readings: number
  readonly warmUp: number
  readonly exposure: number
  /** So many independent readings say as much, after the correlation between neighbours. */
  readonly effectiveReadings: number
  readonly effectiveReadingsNeeded: number
  /** The largest step, and the slope of what is left without it. */
  readonly largestStep: number
  readonly rateWithoutStep: number
  /** The lower limit's distance from the estimate: a leak has to be faster to be shown. Undefined: there are no limits. */
  readonly detectableRate: number | undefined
}
