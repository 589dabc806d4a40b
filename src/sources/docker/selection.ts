import { matchesAny } from '../../lib/name-patterns.ts'
import type { DockerOptions } from './schema.ts'

/** What selection looks at. */
export interface Candidate {
  readonly name: string
  readonly image: string
  readonly labels: Readonly<Record<string, string>>
}

const optOutLabel = 'log-capturer.exclude'

/** Whether the container itself wants to be left alone. */
export function hasOptedOut({ labels }: Pick<Candidate, 'labels'>): boolean {
  return labels[optOutLabel] === 'true'
}

type Selection = NonNullable<DockerOptions['include']>
type Matcher = (candidate: Candidate) => boolean

/** Whether a container is to be collected: included by every key that is given, excluded by none. */
export function createSelection(options: Pick<DockerOptions, 'include' | 'exclude'>): Matcher {
  const included = matchers(options.include)
  const excluded = matchers(options.exclude)
  return (candidate) =>
    !hasOptedOut(candidate) &&
    included.every((matches) => matches(candidate)) &&
    !excluded.some((matches) => matches(candidate))
}

function matchers(selection: Selection | undefined): Matcher[] {
  const found: Matcher[] = []
  if (selection?.names) {
    const matches = matchesAny(selection.names)
    found.push(({ name }) => matches(name))
  }
  if (selection?.images) {
    const matches = matchesAny(selection.images)
    found.push(({ image }) => matches(image))
  }
  if (selection?.labels) {
    const each = selection.labels.map(label)
    found.push((candidate) => each.some((matches) => matches(candidate)))
  }
  return found
}

function label(pattern: string): Matcher {
  const equals = pattern.indexOf('=')
  if (equals < 0) {
    const matches = matchesAny([pattern])
    return ({ labels }) => Object.keys(labels).some(matches)
  }
  const key = matchesAny([pattern.slice(0, equals)])
  const value = matchesAny([pattern.slice(equals + 1)])
  return ({ labels }) => Object.entries(labels).some(([name, text]) => key(name) && value(text))
}
