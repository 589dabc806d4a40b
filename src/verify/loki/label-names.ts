/** Which container and stream an entry of Loki is of, by the names that collectors give to labels and structured metadata. */
import { visibleFlags } from '../../batch/flags.ts'
import type { StreamName } from '../truth.ts'
import type { Labels } from './entries.ts'

/** Names to look at instead of the usual ones. */
export interface LabelNames {
  /** Its value is a container's name or id. */
  readonly container?: string | undefined
  readonly stream?: string | undefined
}

/**
 * Usual names, best first: log-capturer (container_id as metadata, container, stream); Promtail's and Alloy's discovery of Docker, whose relabelling
 * is the user's (container, container_name, logstream, stream, filename); Docker's Loki driver (container_name, source, filename); Fluent Bit, Vector.
 */
export const usualNames = {
  containerId: ['container_id', 'docker_container_id'],
  containerName: ['container_name', 'container', 'docker_container_name', 'docker_container'],
  path: ['filename', '__path__', 'log_file_path'],
  stream: ['stream', 'logstream', 'log_stream', 'source', 'docker_stream', 'attrs_stream'],
} as const

/** The engine's own file: `/var/lib/docker/containers/ID/ID-json.log`. */
const idInPath = /\/containers\/([0-9a-f]{64})\//
const idText = /^[0-9a-f]{12,64}$/

export interface Identity {
  readonly containerId: string | undefined
  readonly containerName: string | undefined
  readonly stream: StreamName | undefined
}

export function identityOf(labels: Labels, names: LabelNames): Identity {
  const own = names.container === undefined ? undefined : labels[names.container]
  const stream = streamOf(labels, names)
  if (names.container !== undefined)
    return own !== undefined && idText.test(own)
      ? { containerId: own, containerName: own, stream }
      : { containerId: undefined, containerName: own?.replace(/^\//, ''), stream }
  return { containerId: idOf(labels), containerName: nameOf(labels), stream }
}

/** Bits of `lineFlags` that log-capturer gave as metadata. */
export function flagsOf({ flags }: Labels): number {
  const names = flags?.split(',') ?? []
  return visibleFlags.reduce((bits, [bit, name]) => (names.includes(name) ? bits | bit : bits), 0)
}

function streamOf(labels: Labels, names: LabelNames): StreamName | undefined {
  const candidates = names.stream === undefined ? usualNames.stream : [names.stream]
  for (const name of candidates) {
    const value = labels[name]
    if (value === 'stdout' || value === 'stderr') return value
  }
  return undefined
}

function idOf(labels: Labels): string | undefined {
  for (const name of usualNames.containerId) if (idText.test(labels[name] ?? '')) return labels[name]
  for (const name of usualNames.path) {
    const id = idInPath.exec(labels[name] ?? '')?.[1]
    if (id !== undefined) return id
  }
  return undefined
}

function nameOf(labels: Labels): string | undefined {
  for (const name of usualNames.containerName) {
    const value = labels[name]
    if (value !== undefined && value !== '') return value.replace(/^\//, '')
  }
  return undefined
}
