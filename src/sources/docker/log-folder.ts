import type { EngineAddress } from '../../engine/address.ts'
import type { EngineFacts } from '../../engine/negotiate.ts'

/** Where the engine keeps its files, if it is Docker, on this host, as far as can be told: whether they are there shows when they are opened. */
export function logFolderOf(facts: EngineFacts | undefined, address: EngineAddress): string | undefined {
  return facts === undefined || facts.isPodman || address.kind !== 'unix' ? undefined : facts.rootFolder
}
