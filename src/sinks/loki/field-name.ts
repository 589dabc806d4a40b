import { engineTimeName } from '../../batch/json/write-fields.ts'

/** Names that the sink gives itself. */
const reserved = new Set(['container_id', 'image', 'flags', engineTimeName])

/** The name of a field as structured metadata: letters, digits and `_`; one that is taken gets the ending that Loki gives in such a case. */
export function fieldName(name: string): string {
  const known = name.replace(/[^a-zA-Z0-9_]/g, '_')
  const safe = /^[a-zA-Z_]/.test(known) ? known : `_${known}`
  return reserved.has(safe) ? `${safe}_extracted` : safe
}
