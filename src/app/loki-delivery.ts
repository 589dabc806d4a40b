import { fieldNamesOf } from '../batch/origin-template.ts'
import type { Origin } from '../batch/origin.ts'
import { authorizationOf } from '../lib/authorization.ts'
import { baseOf, connectOptionsOf } from '../sinks/loki/connection.ts'
import { LabelSets, overflowSelector } from '../sinks/loki/label-sets.ts'
import type { LokiOptions } from '../sinks/loki/schema.ts'

/** How a Loki is reached: `base` is its address without the path of an endpoint. */
export interface LokiAccess {
  readonly base: string
  readonly headers: Readonly<Record<string, string>>
  /** Options of node:tls. */
  readonly tls: object | undefined
}

/** Where the lines of a Loki sink are, and how they are told apart. */
export interface LokiDelivery {
  readonly kind: 'loki'
  readonly access: LokiAccess
  /** What to ask for, for the lines of some containers. */
  queriesOf(containers: readonly LokiContainer[], host: string): LokiDeliveryQuery[]
  /** How far the times of entries may lie before and behind the engine's, in milliseconds. */
  readonly timesOff: TimesOff
  /** The labels, or metadata, that name the container and the stream; undefined: none of its own. */
  readonly names: { readonly container: string | undefined; readonly stream: string | undefined }
}

export interface TimesOff {
  readonly beforeMs: number
  readonly behindMs: number
}

interface LokiDeliveryQuery {
  readonly tenant: string
  readonly selector: string
  /** Of the containers whose lines it finds. */
  readonly containerIds: readonly string[]
}

type LokiContainer = Origin['container'] & Pick<Origin, 'labels'>

/** @throws LokiFileError where a file for TLS cannot be read */
export function lokiAccess({ url, auth, tls }: Pick<LokiOptions, 'url' | 'auth' | 'tls'>): LokiAccess {
  return {
    base: `${new URL(url).origin}${baseOf(url)}`,
    headers: auth ? { authorization: authorizationOf(auth) } : {},
    tls: tls && connectOptionsOf(tls),
  }
}

/** What the options of a sink say of it. `streams` are those that its source collects. */
export function lokiDelivery(
  options: LokiOptions,
  {
    sourceId,
    streams,
    timesOff,
  }: {
    readonly sourceId: string
    readonly streams: readonly Origin['stream'][]
    readonly timesOff: TimesOff
  },
): LokiDelivery {
  const { labels, metadata, tenant, structured_metadata: hasMetadata } = options
  const shown = hasMetadata ? { ...metadata, ...labels } : labels
  const nameWith = (template: string) => Object.entries(shown).find(([, text]) => text === template)?.[0]
  return {
    kind: 'loki',
    access: lokiAccess(options),
    timesOff,
    names: {
      container: hasMetadata ? 'container_id' : (nameWith('{container.id}') ?? nameWith('{container.name}')),
      stream: nameWith('{stream}'),
    },
    queriesOf(containers, host) {
      // What fields a line had only the line knows: it is looked for without those labels.
      const ofOrigins = Object.entries(labels).filter(([, text]) => fieldNamesOf([text]).length === 0)
      const sets = new LabelSets({
        ...{ labels: Object.fromEntries(ofOrigins), metadata, tenant, hasMetadata },
        maxStreams: Infinity,
      })
      const queries = new Map<string, LokiDeliveryQuery>()
      for (const { id, name, image, labels } of containers) {
        for (const stream of streams) {
          const key = `${sourceId}/${id}/${stream}`
          const target = sets.targetOf({ key, stream, container: { id, name, image }, labels, host }, 0)
          for (const selector of [target.labels, overflowSelector]) {
            const name = `${target.tenant}\0${selector}`
            const known = queries.get(name)?.containerIds ?? []
            const containerIds = [...new Set([...known, id])]
            queries.set(name, { tenant: target.tenant, selector, containerIds })
          }
        }
      }
      return [...queries.values()]
    },
  }
}
