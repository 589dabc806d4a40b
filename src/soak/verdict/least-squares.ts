/** A line fitted to readings. */
export interface Line {
  readonly slope: number
  readonly residuals: readonly number[]
  /** Sum of squared distances of the places from their mean: what the slope's error is divided by. */
  readonly spread: number
  /** How many numbers were fitted. */
  readonly parameters: number
}

export function leastSquares(at: readonly number[], values: readonly number[]): Line {
  return fit([{ at, values }])
}

/** The step up or down that explains most beside a line of one slope, and the line without it. A step has a fortieth of the readings on either side. */
export function largestStep(
  at: readonly number[],
  values: readonly number[],
): { readonly step: number; readonly line: Line } {
  const margin = Math.max(3, Math.floor(values.length / 40))
  const sums = new RunningSums(at, values)
  let best = margin
  let least = Infinity
  for (let k = margin; k <= values.length - margin; k++) {
    const left = sums.moments(0, k)
    const right = sums.moments(k, values.length)
    const together = { xx: left.xx + right.xx, xy: left.xy + right.xy, yy: left.yy + right.yy }
    const squares = together.yy - together.xy ** 2 / together.xx
    if (squares >= least) continue
    least = squares
    best = k
  }
  const parts = [
    { at: at.slice(0, best), values: values.slice(0, best) },
    { at: at.slice(best), values: values.slice(best) },
  ] as const
  const line = fit(parts)
  const level = ({ at: x, values: y }: Part) => mean(y) - line.slope * mean(x)
  return { step: level(parts[1]) - level(parts[0]), line }
}

interface Part {
  readonly at: readonly number[]
  readonly values: readonly number[]
}

/** One slope, and a level for each part. */
function fit(parts: readonly Part[]): Line {
  const centred = parts.map(({ at, values }) => {
    const [x, y] = [mean(at), mean(values)]
    return { at: at.map((place) => place - x), values: values.map((value) => value - y) }
  })
  const x = centred.flatMap(({ at }) => at)
  const y = centred.flatMap(({ values }) => values)
  const spread = x.reduce((sum, one) => sum + one * one, 0)
  const slope = x.reduce((sum, one, i) => sum + one * y[i]!, 0) / spread
  return { slope, residuals: y.map((value, i) => value - slope * x[i]!), spread, parameters: parts.length + 1 }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** Central second moments of any stretch, from sums that run along once. Centred first: byte counts squared would lose their digits. */
class RunningSums {
  readonly #sums: readonly Float64Array[]

  constructor(at: readonly number[], values: readonly number[]) {
    const [meanAt, meanValue] = [mean(at), mean(values)]
    const x = at.map((place) => place - meanAt)
    const y = values.map((value) => value - meanValue)
    const terms = [x, y, x.map((one) => one * one), x.map((one, i) => one * y[i]!), y.map((one) => one * one)]
    this.#sums = terms.map((term) => {
      const sums = new Float64Array(term.length + 1)
      for (let i = 0; i < term.length; i++) sums[i + 1] = sums[i]! + term[i]!
      return sums
    })
  }

  moments(from: number, to: number) {
    const [x, y, xx, xy, yy] = this.#sums.map((sums) => sums[to]! - sums[from]!) as [
      number,
      number,
      number,
      number,
      number,
    ]
    const count = to - from
    return { xx: xx - (x * x) / count, xy: xy - (x * y) / count, yy: yy - (y * y) / count }
  }
}
