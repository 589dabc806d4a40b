/** Words longer than this are compared with nothing: the distance costs the product of the lengths. */
const maxLength = 64

/** The candidate that was most likely meant by `word`; undefined when none is near. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  if (word.length > maxLength) return undefined
  let best: string | undefined
  let bestDistance = Infinity
  for (const candidate of candidates) {
    if (candidate.length > maxLength) continue
    const distance = editDistance(simplified(word), simplified(candidate))
    const limit = Math.max(1, Math.floor(Math.max(word.length, candidate.length) / 3))
    if (distance <= limit && distance < candidate.length && distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

/** `did you mean "x"?`, or what there is to choose from. */
export function suggest(word: string, candidates: readonly string[], nounForAll: string): string {
  const near = nearest(word, candidates)
  if (near !== undefined) return `did you mean "${near}"?`
  return candidates.length === 0 ? `there are no ${nounForAll}` : `${nounForAll}: ${candidates.join(', ')}`
}

/** `maxLineBytes`, `max-line-bytes` and `max_line_bytes` are the same word. */
function simplified(word: string): string {
  return word.toLowerCase().replace(/[-_ .]/g, '')
}

/** Insertions, deletions, replacements and swaps of neighbours between two words (optimal string alignment). */
export function editDistance(a: string, b: string): number {
  let beforePrevious: number[] = []
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i += 1) {
    const current = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const isSame = a[i - 1] === b[j - 1]
      let distance = Math.min(previous[j]! + 1, current[j - 1]! + 1, previous[j - 1]! + (isSame ? 0 : 1))
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        distance = Math.min(distance, beforePrevious[j - 2]! + 1)
      }
      current.push(distance)
    }
    beforePrevious = previous
    previous = current
  }
  return previous[b.length]!
}
