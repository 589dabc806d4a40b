import type { LabelSet } from './labels.ts'
import type { LokiLimits } from './limits.ts'
import type { Entry } from './push.ts'

/** Why Loki's distributor does not take a stream; undefined: it does. The texts are Loki's (pkg/validation/validate.go). */
export function labelFault({ name, pairs }: LabelSet, limits: LokiLimits): string | undefined {
  if (pairs.length === 0) return 'error at least one label pair is required per stream'
  // Added by Loki itself where it is missing, so it is not counted.
  const count = pairs.filter(([label]) => label !== 'service_name').length
  if (count > limits.maxLabels) return `entry for stream '${name}' has ${count} label names; limit ${limits.maxLabels}`
  let previous = ''
  for (const [label, value] of pairs) {
    if (Buffer.byteLength(label) > limits.maxLabelNameBytes)
      return `stream '${name}' has label name too long: '${label}'`
    if (Buffer.byteLength(value) > limits.maxLabelValueBytes)
      return `stream '${name}' has label value too long: '${value}'`
    if (label === previous) return `stream '${name}' has duplicate label name: '${label}'`
    previous = label
  }
  return undefined
}

/** Why Loki's distributor does not take an entry; undefined: it does. */
export function entryFault(
  entry: Entry,
  stream: string,
  { limits, nowMs }: { limits: LokiLimits; nowMs: number },
): string | undefined {
  const { seconds, nanos, line, metadata } = entry
  const at = seconds + nanos / 1e9
  const oldest = nowMs / 1000 - limits.maxAgeSeconds
  if (at < oldest)
    return `entry for stream '${stream}' has timestamp too old: ${rfc3339(seconds)}, oldest acceptable timestamp is: ${rfc3339(oldest)}`
  if (at > nowMs / 1000 + limits.maxAheadSeconds)
    return `entry for stream '${stream}' has timestamp too new: ${rfc3339(seconds)}`
  if (line.length > limits.maxLineBytes)
    return `Max entry size '${limits.maxLineBytes}' bytes exceeded for stream '${stream}' while adding an entry with length '${line.length}' bytes`
  if (metadata.length === 0) return undefined
  const bytes = metadataBytes(entry)
  if (bytes > limits.maxMetadataBytes)
    return `stream '${stream}' has structured metadata too large: '${bytes}' bytes, limit: '${limits.maxMetadataBytes}' bytes. Please see \`limits_config.max_structured_metadata_size\` or contact your Loki administrator to increase it.`
  if (metadata.length > limits.maxMetadataPairs)
    return `stream '${stream}' has too many structured metadata labels: '${metadata.length}', limit: '${limits.maxMetadataPairs}'. Please see \`limits_config.max_structured_metadata_entries_count\` or contact your Loki administrator to increase it.`
  return undefined
}

export function metadataBytes({ metadata }: Entry): number {
  return metadata.reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value), 0)
}

/** One text as it is; several, or one several times, counted. */
export function groupFaults(faults: readonly string[]): string {
  if (faults.length === 1) return faults[0]!
  const counts = new Map<string, number>()
  for (const fault of faults) counts.set(fault, (counts.get(fault) ?? 0) + 1)
  return Array.from(counts, ([fault, count]) => `${count} errors like: ${fault}`).join('; ')
}

/** Whole seconds, as Go's RFC 3339 has it. */
export function rfc3339(seconds: number): string {
  return `${new Date(Math.floor(seconds) * 1000).toISOString().slice(0, 19)}Z`
}

/** As Go prints a time: `2025-08-01 16:43:38.854444845 +0000 UTC`, without zeros at the end. */
export function goTime({ seconds, nanos }: Entry): string {
  const fraction = nanos === 0 ? '' : `.${String(nanos).padStart(9, '0').replace(/0+$/, '')}`
  return `${new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ')}${fraction} +0000 UTC`
}
