import { LogCapturerError } from '../lib/error.ts'
import { createMetrics } from '../telemetry/metrics.ts'
import { Engine } from './engine.ts'
import type { EngineCandidate } from './find-engine.ts'
import { ConnectionLedger } from './ledger.ts'

/** The first candidate at which an engine answers, tried in order; undefined when none does. */
export async function firstAnswering(
  candidates: readonly EngineCandidate[],
  signal: AbortSignal,
): Promise<EngineCandidate | undefined> {
  for (const candidate of candidates) {
    await using engine = new Engine({
      address: candidate.address,
      ledger: new ConnectionLedger(createMetrics(), 'probe'),
      maxStreams: 1,
    })
    try {
      await engine.connect(signal)
      return candidate
    } catch (error) {
      if (!(error instanceof LogCapturerError)) throw error
    }
  }
  return undefined
}
