import type { Origin } from './origin.ts'

/** In no id of a component and of no container. */
const separator = '#'

const madeOf = new WeakMap<Origin, Map<string, Origin>>()

/**
 * The stream that a transform makes which holds lines back: the same but for its key, since it is not as far as the one it is made of. A sink that gets both has a
 * place in each.
 */
export function originBehind(transform: string, origin: Origin): Origin {
  let made = madeOf.get(origin)
  if (made === undefined) madeOf.set(origin, (made = new Map<string, Origin>()))
  let found = made.get(transform)
  if (found === undefined) made.set(transform, (found = { ...origin, key: origin.key + wayBehind(transform) }))
  return found
}

/** What is put behind the way on which such a transform stands. */
export function wayBehind(transform: string): string {
  return separator + transform
}

/** The part of a stream's key that names the transforms which hold lines back on the way of its lines: `#joined`, or nothing. */
export function wayOf(key: string): string {
  const at = key.indexOf(separator)
  return at === -1 ? '' : key.slice(at)
}

/** The stream as its source names it. */
export function sourceKeyOf(key: string): string {
  const at = key.indexOf(separator)
  return at === -1 ? key : key.slice(0, at)
}
