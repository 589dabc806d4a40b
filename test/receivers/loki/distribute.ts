import { type LabelSet, readLabels } from './labels.ts'
import type { LokiLimits } from './limits.ts'
import { type Answer, type Entry, type Push, Refusal } from './push.ts'
import type { Tenant } from './tenant.ts'
import { entryFault, groupFaults, labelFault, metadataBytes } from './validate.ts'

export interface DistributeOptions {
  readonly tenant: Tenant
  readonly limits: LokiLimits
  readonly nowMs: number
  readonly onStored: (labels: LabelSet, entry: Entry) => void
}

interface Checked {
  readonly labels: LabelSet
  readonly entries: readonly Entry[]
}

/**
 * What Loki's distributor does with a push (pkg/distributor/distributor.go): what it finds wrong it leaves out, what is good it stores, and
 * the answer is 400 nevertheless. Refuses the whole only for labels that are none, for an empty push, and for its size or rate.
 */
export function distribute(push: Push, options: DistributeOptions): Answer {
  const { tenant, limits } = options
  const labelled = push.streams.map(({ labels, entries }) => ({ labels: readLabels(labels), entries }))
  if (labelled.length === 0) throw new Refusal(422, 'error at least one valid stream is required for ingestion')
  const faults: string[] = []
  const checked = labelled.flatMap((stream) => check(stream, faults, options))
  const refused: Answer = { status: 400, text: groupFaults(faults) }
  if (checked.length === 0) return faults.length === 0 ? { status: 204 } : refused
  takeRate(checked, tenant, limits)
  if (push.bytes > limits.maxMessageBytes) {
    const sizes = `${push.bytes} vs. ${limits.maxMessageBytes}`
    throw new Refusal(
      500,
      `rpc error: code = ResourceExhausted desc = grpc: received message larger than max (${sizes})`,
    )
  }
  const failures = checked.map(({ labels, entries }) =>
    tenant.append(labels, entries, (entry) => options.onStored(labels, entry)),
  )
  return failures.find((failure) => failure !== undefined) ?? (faults.length === 0 ? { status: 204 } : refused)
}

/** The stream with the entries that are taken; faults are added to `faults`. */
function check({ labels, entries }: Checked, faults: string[], { limits, nowMs }: DistributeOptions): Checked[] {
  if (entries.length === 0) return []
  const fault = labelFault(labels, limits)
  if (fault !== undefined) {
    faults.push(fault)
    return []
  }
  const good = entries.filter((entry) => {
    const fault = entryFault(entry, labels.name, { limits, nowMs })
    if (fault !== undefined) faults.push(fault)
    return fault === undefined
  })
  return good.length === 0 ? [] : [{ labels, entries: good }]
}

function takeRate(streams: readonly Checked[], tenant: Tenant, { bytesPerSecond }: LokiLimits): void {
  const entries = streams.flatMap((stream) => stream.entries)
  const bytes = entries.reduce((sum, entry) => sum + entry.line.length + metadataBytes(entry), 0)
  if (tenant.rate.take(bytes)) return
  throw new Refusal(
    429,
    `Ingestion rate limit exceeded for user ${tenant.name} (limit: ${bytesPerSecond} bytes/sec) while attempting to ingest '${entries.length}' lines totaling '${bytes}' bytes, reduce log volume or contact your Loki administrator to see if the limit can be increased`,
  )
}
