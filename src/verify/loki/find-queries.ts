import type { TruthContainer } from '../truth.ts'
import { VerifyError } from '../verify-error.ts'
import type { LokiReader } from './client.ts'
import type { LokiQuery } from './connection.ts'
import { type LabelNames, usualNames } from './label-names.ts'
import { quote, readNames } from './selectors.ts'

/**
 * Queries for the containers where nobody named one: the label whose values name most of them is looked for among the usual ones, and each
 * container is asked for by it. @throws VerifyError where no label does
 */
export async function findQueries(
  { reader, tenant, names }: { readonly reader: LokiReader; readonly tenant: string; readonly names: LabelNames },
  { containers, from, to }: { containers: readonly TruthContainer[]; from: bigint; to: bigint },
  signal: AbortSignal,
): Promise<LokiQuery[]> {
  const known = await readNames({ reader, tenant }, { from, to }, signal)
  const candidates =
    names.container === undefined
      ? [...usualNames.containerId, ...usualNames.containerName, ...usualNames.path]
      : [names.container]
  let best: { readonly label: string; readonly found: readonly string[] } | undefined
  for (const label of candidates.filter((name) => known.includes(name))) {
    const values = await readNames({ reader, tenant, label }, { from, to }, signal)
    const found = values.filter((value) => containers.some((container) => isOf(value, container)))
    if (found.length > (best?.found.length ?? 0)) best = { label, found }
  }
  if (!best)
    throw new VerifyError(
      `no label of Loki names one of the containers: it has ${known.join(', ') || 'no labels at that time'}`,
      { hint: 'name it by --container-label, or select the streams by --loki-query' },
    )
  const { label, found } = best
  return found.map((value) => ({ tenant, selector: `{${label}=${quote(value)}}` }))
}

function isOf(value: string, { id, name }: TruthContainer): boolean {
  if (value.replace(/^\//, '') === name || value.includes(id)) return true
  return value.length >= 12 && id.startsWith(value)
}
