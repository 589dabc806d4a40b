import type { Spread } from '../measure/figures.ts'

/** Three digits that count, and separators between thousands. */
export function numberText(value: number): string {
  if (value >= 1000) return Math.round(value).toLocaleString('en')
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)
}

export function spreadText({ median, min, max }: Spread): string {
  return `${numberText(median)} (${numberText(min)} to ${numberText(max)})`
}
