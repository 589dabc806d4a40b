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

export type Evidence = RisesEvidence | TrendEvidence | BoundEvidence

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

/** Of the upper limit of a count, where too few readings were taken under load to look for a trend. */
export interface BoundEvidence {
  readonly rule: 'bound'
  readonly readings: number
  readonly warmUp: number
  readonly exposure: number
  /** What the lasting floor rose by, and the largest fall from any reading to a later one. */
  readonly risen: number
  readonly largestFall: number
  /** How long the count would have to stay where it is to be shown to grow slower than `below`. */
  readonly steady: { readonly below: number; readonly exposure: number }
  /** None: no leak is looked for. */
  readonly detectableRate: undefined
}
