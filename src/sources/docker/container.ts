import type { Origin } from '../../batch/origin.ts'
import type { InspectedContainer, ListedContainer } from '../../engine/answers.ts'

/** What is known of a container without asking for more. */
export interface Identity {
  readonly id: string
  readonly name: string
  readonly image: string
  readonly labels: Readonly<Record<string, string>>
}

export function identityOfListed(listed: ListedContainer): Identity {
  return {
    id: listed.Id,
    name: plainName(listed.Names ?? []),
    image: listed.Image ?? '',
    labels: listed.Labels ?? {},
  }
}

export function identityOfInspected(inspected: InspectedContainer): Identity {
  const { Config } = inspected
  return { id: inspected.Id, name: plainName([inspected.Name]), image: Config.Image ?? '', labels: Config.Labels ?? {} }
}

/** Names come with a leading slash; names with another slash in them are links from other containers. */
function plainName(names: readonly string[]): string {
  const plain = names.map((name) => name.replace(/^\//, ''))
  return plain.find((name) => !name.includes('/')) ?? plain[0] ?? ''
}

export function isSameIdentity(a: Identity, b: Identity): boolean {
  return a.name === b.name && a.image === b.image && JSON.stringify(a.labels) === JSON.stringify(b.labels)
}

export function originOf(parts: {
  identity: Identity
  stream: 'stdout' | 'stderr'
  sourceId: string
  host: string
}): Origin {
  const { identity, stream, sourceId, host } = parts
  const { id, name, image, labels } = identity
  return { key: `${keyPrefix(sourceId, id)}${stream}`, stream, container: { id, name, image }, labels, host }
}

/** What the cursor keys of a container begin with. */
export function keyPrefix(sourceId: string, containerId: string): string {
  return `${sourceId}/${containerId}/`
}

/** The cursor keys of a container. */
export function streamKeys(sourceId: string, containerId: string): readonly string[] {
  const prefix = keyPrefix(sourceId, containerId)
  return [`${prefix}stdout`, `${prefix}stderr`]
}

/** The container's id in a cursor key. */
export function containerIdOf(key: string): string {
  return key.split('/')[1] ?? ''
}
