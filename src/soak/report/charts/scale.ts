/** From values to places on a page. */
export interface Scale {
  readonly place: (value: number) => number
  readonly from: number
  readonly to: number
  readonly ticks: readonly number[]
}

/** Linear, about as many ticks as said, at 1, 2 or 5 times a power of ten. `pages` are where the ends lie. */
export function linear(
  values: readonly [from: number, to: number],
  pages: readonly [number, number],
  ticks: number,
): Scale {
  const [from, to] = widened(values)
  const stride = niceStride((to - from) / Math.max(1, ticks))
  const first = Math.ceil(from / stride - 1e-9)
  const last = Math.floor(to / stride + 1e-9)
  return {
    from,
    to,
    place: (value) => pages[0] + ((value - from) / (to - from)) * (pages[1] - pages[0]),
    ticks: Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * stride).toPrecision(12))),
  }
}

/** Counts: no ticks between whole numbers. */
export function wholeTicks(scale: Scale): readonly number[] {
  return scale.ticks.filter(Number.isInteger)
}

function widened([from, to]: readonly [number, number]): readonly [number, number] {
  return to > from ? [from, to] : [from - 0.5, from + 0.5]
}

function niceStride(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough))
  const factor = [1, 2, 5, 10].find((one) => one * power >= rough * 0.999)
  return (factor ?? 10) * power
}

/** The least and the largest, with some room; undefined: there is none. */
export function extentOf(values: readonly number[]): readonly [number, number] | undefined {
  let [low, high] = [Infinity, -Infinity]
  for (const value of values) {
    if (value < low) low = value
    if (value > high) high = value
  }
  return low > high ? undefined : [low, high]
}

/** Fewer points that look the same: of each stretch of the page the least and the largest value, in their order. */
export function thinned<Item>(
  items: readonly Item[],
  valueOf: (item: Item) => number,
  stretches: number,
): readonly Item[] {
  if (items.length <= stretches * 2) return items
  const size = items.length / stretches
  return Array.from({ length: stretches }, (_, i) => {
    const stretch = items.slice(Math.floor(i * size), Math.floor((i + 1) * size))
    let [low, high] = [0, 0]
    for (const [k, item] of stretch.entries()) {
      if (valueOf(item) < valueOf(stretch[low]!)) low = k
      if (valueOf(item) > valueOf(stretch[high]!)) high = k
    }
    return low === high ? [stretch[low]!] : [stretch[Math.min(low, high)]!, stretch[Math.max(low, high)]!]
  }).flat()
}
