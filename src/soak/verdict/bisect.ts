/** Where `isBelow` turns from true to false, between 0 and `end`. */
export function bisect(isBelow: (value: number) => boolean, end: number): number {
  let from = 0
  let to = end
  for (let i = 0; i < 60; i++) {
    const middle = (from + to) / 2
    if (isBelow(middle)) from = middle
    else to = middle
  }
  return (from + to) / 2
}
