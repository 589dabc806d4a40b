import { createHash } from 'node:crypto'
import type { BuilderStream } from '../../batch/builder.ts'
import type { Origin } from '../../batch/origin.ts'
import { BoundedMap } from '../../lib/bounded-map.ts'

/** What a client says of where a line comes from. */
export interface PostedOrigin {
  readonly container: string
  readonly stream: 'stdout' | 'stderr'
  readonly image: string
  readonly host: string
  readonly labels: Readonly<Record<string, string>>
}

/** A stream within one body; lines of the same time are counted. */
export interface PostedStream extends BuilderStream {
  seconds: number
  nanos: number
  /** Of the next line, where it has the same time. */
  ordinal: number
}

/** Origins that are remembered: sinks keep what they know of an origin as long as it is the same object. */
const maxOrigins = 10_000

export class Origins {
  readonly #source: string
  readonly #known = new BoundedMap<string, Origin>(maxOrigins)

  constructor(source: string) {
    this.#source = source
  }

  /** The same object for the same origin, `id` being what `idOf` makes of it. */
  of(id: string, { container, stream, image, host, labels }: PostedOrigin): Origin {
    const known = this.#known.get(id)
    if (known) return known
    // Two clients may give one name to containers that differ in what else is known of them.
    const rest = createHash('sha256').update(id).digest('hex').slice(0, 12)
    const origin: Origin = {
      key: `${this.#source}/${container}-${rest}/${stream}`,
      stream,
      container: { id: container, name: container, image },
      labels,
      host,
    }
    this.#known.set(id, origin)
    return origin
  }
}

/** Equal for equal origins only. */
export function idOf({ container, stream, image, host, labels }: PostedOrigin): string {
  const pairs = Object.entries(labels)
  // Most have none, and this is asked for each line. The lengths say where one text ends and the next begins.
  if (pairs.length === 0) return `${container.length} ${image.length} ${container}${image}${stream} ${host}`
  return JSON.stringify([container, stream, image, host, pairs.sort(([a], [b]) => (a < b ? -1 : 1))])
}
