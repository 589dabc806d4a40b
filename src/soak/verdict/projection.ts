import type { Growth } from './growth.ts'
import type { ResourceVerdict } from './judge.ts'

/** When a resource reaches its ceiling, in units of the axis from the last reading on; undefined: never at that rate. */
export type Projection =
  /** It leaks, and goes on as it did. */
  | {
      readonly kind: 'reached'
      readonly soonest: number
      readonly likely: number | undefined
      readonly latest: number | undefined
    }
  /** No leak is shown: with a chance of error of `level` it takes longer than `soonest`. */
  | { readonly kind: 'not_before'; readonly soonest: number | undefined; readonly level: number }

/** What is held after as much more of the axis as `distance`, if it goes on: likely, and at most with a chance of error of the growth's level. */
export function levelAfter({ rate, high }: Growth, present: number, distance: number) {
  return { likely: present + rate * distance, most: present + high * distance }
}

/** `present` is what is held now, `ceiling` what can be held (the limit of descriptors). Undefined: the growth is not known. */
export function projectionOf(
  { outcome, growth }: Pick<ResourceVerdict, 'outcome' | 'growth'>,
  { present, ceiling }: { readonly present: number; readonly ceiling: number },
): Projection | undefined {
  if (growth === undefined) return undefined
  const left = Math.max(0, ceiling - present)
  const after = (rate: number) => (left === 0 ? 0 : rate > 0 ? left / rate : undefined)
  const soonest = after(growth.high)
  if (outcome !== 'leak' || soonest === undefined) return { kind: 'not_before', soonest, level: growth.level }
  return { kind: 'reached', soonest, likely: after(growth.rate), latest: after(growth.low) }
}
