/**
 * A longest subsequence of `values` that increases: for each value whether it is in it. What is not in it is the least number of values that
 * have to move for all to be in order. Values below 0 are passed over. O(n log n).
 */
export function longestIncreasing(values: Int32Array): Uint8Array {
  const { length } = values
  const isIn = new Uint8Array(length)
  /** Index of the smallest last value of an increasing subsequence, by its length. */
  const ends = new Int32Array(length)
  const before = new Int32Array(length).fill(-1)
  let longest = 0
  for (let i = 0; i < length; i++) {
    const value = values[i]!
    if (value < 0) continue
    let from = 0
    let to = longest
    while (from < to) {
      const middle = (from + to) >> 1
      if (values[ends[middle]!]! < value) from = middle + 1
      else to = middle
    }
    if (from > 0) before[i] = ends[from - 1]!
    ends[from] = i
    if (from === longest) longest += 1
  }
  for (let i = longest === 0 ? -1 : ends[longest - 1]!; i >= 0; i = before[i]!) isIn[i] = 1
  return isIn
}
