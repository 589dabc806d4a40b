/** A line of a difference: as expected, expected and not there, there and not expected. */
export interface DifferenceLine {
  readonly mark: ' ' | '-' | '+'
  readonly text: string
}

/** The fewest lines to take out and put in that make `seen` of `expected` (longest common subsequence). */
export function differenceOf(expected: readonly string[], seen: readonly string[]): readonly DifferenceLine[] {
  const common = lengthsOfCommon(expected, seen)
  const lines: DifferenceLine[] = []
  let i = 0
  let j = 0
  while (i < expected.length || j < seen.length) {
    if (i < expected.length && j < seen.length && expected[i] === seen[j]) {
      lines.push({ mark: ' ', text: expected[i]! })
      i += 1
      j += 1
    } else if (j === seen.length || (i < expected.length && common[i + 1]![j]! >= common[i]![j + 1]!)) {
      lines.push({ mark: '-', text: expected[i]! })
      i += 1
    } else {
      lines.push({ mark: '+', text: seen[j]! })
      j += 1
    }
  }
  return lines
}

/** For each pair of places, how much is common behind them. */
function lengthsOfCommon(a: readonly string[], b: readonly string[]): readonly Uint32Array[] {
  const lengths = Array.from({ length: a.length + 1 }, () => new Uint32Array(b.length + 1))
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      lengths[i]![j] = a[i] === b[j] ? lengths[i + 1]![j + 1]! + 1 : Math.max(lengths[i + 1]![j]!, lengths[i]![j + 1]!)
  return lengths
}
