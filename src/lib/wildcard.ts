/** Whether the whole text is as the pattern says, in which `*` and `?` stand for any text and any character. Takes at most both lengths multiplied. */
export function matchesWildcard(pattern: string, text: string): boolean {
  let p = 0
  let t = 0
  let star = -1
  let starText = 0
  while (t < text.length) {
    if (pattern[p] === '*') {
      star = p++
      starText = t
    } else if (pattern[p] === '?' || pattern[p] === text[t]) {
      p += 1
      t += 1
    } else if (star !== -1) {
      // The last star takes one character more.
      p = star + 1
      t = ++starText
    } else return false
  }
  while (pattern[p] === '*') p += 1
  return p === pattern.length
}
