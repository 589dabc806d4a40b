/** A line fitted to readings, or two of one slope with a step between them. */
export interface Fit {
  readonly slope: number
  /** Sum of squared residuals. */
  readonly squares: number
  /** Sum of squared distances of the places from their mean, on either side of a step: what the slope's error is divided by. */
  readonly spread: number
  /** To how many readings, and how many numbers were fitted. */
  readonly readings: number
  readonly parameters: number
  /** The reading after the step; 0: there is none. */
  readonly stepAt: number
}

export interface Fits {
  readonly whole: Fit
  /** With a step in each place that has a fortieth of the readings on either side. */
  readonly stepped: readonly Fit[]
  /** Without the beginning, up to half of the readings. */
  readonly tails: readonly Fit[]
}

export function fits(at: readonly number[], values: readonly number[]): Fits {
  const { length } = values
  const sums = new RunningSums(at, values)
  const margin = Math.max(3, Math.floor(length / 40))
  const stepped: Fit[] = []
  for (let k = margin; k <= length - margin; k++) stepped.push(fitOf([sums.moments(0, k), sums.moments(k, length)], k))
  const stride = Math.max(1, Math.floor(length / 20))
  const tails: Fit[] = []
  for (let k = stride; k <= length / 2; k += stride) tails.push(fitOf([sums.moments(k, length)], 0))
  return { whole: fitOf([sums.moments(0, length)], 0), stepped, tails }
}

function fitOf(parts: readonly Moments[], stepAt: number): Fit {
  const total = (name: keyof Moments) => parts.reduce((sum, moments) => sum + moments[name], 0)
  const [spread, together] = [total('xx'), total('xy')]
  // Rounding leaves a little below zero where a line fits exactly.
  const squares = Math.max(0, total('yy') - together ** 2 / spread)
  return { slope: together / spread, squares, spread, readings: total('count'), parameters: parts.length + 1, stepAt }
}

/** How much higher the readings from the step on are, and what is left of all of them. */
export function withoutStep(at: readonly number[], values: readonly number[], { slope, stepAt }: Fit) {
  const part = (from: number, to: number) => {
    const [places, some] = [at.slice(from, to), values.slice(from, to)]
    return { level: mean(some) - slope * mean(places), residuals: residualsOf(places, some, slope) }
  }
  const [before, after] = [part(0, stepAt), part(stepAt, values.length)]
  return { step: after.level - before.level, residuals: [...before.residuals, ...after.residuals] }
}

/** Of a line without a step. */
export function residualsOf(at: readonly number[], values: readonly number[], slope: number): readonly number[] {
  const tilted = values.map((value, i) => value - slope * at[i]!)
  const level = mean(tilted)
  return tilted.map((value) => value - level)
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** Central second moments. */
interface Moments {
  readonly count: number
  readonly xx: number
  readonly xy: number
  readonly yy: number
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

  moments(from: number, to: number): Moments {
    const [x, y, xx, xy, yy] = this.#sums.map((sums) => sums[to]! - sums[from]!) as [
      number,
      number,
      number,
      number,
      number,
    ]
    const count = to - from
    return { count, xx: xx - (x * x) / count, xy: xy - (x * y) / count, yy: yy - (y * y) / count }
  }
}
