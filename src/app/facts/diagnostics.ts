import { readFile } from 'node:fs/promises'
import { getHeapSpaceStatistics, getHeapStatistics } from 'node:v8'
import type { Diagnostics } from '../../api/v1/schemas.ts'
import { secretsOf, withoutSecretTexts } from '../../config/secret-texts.ts'
import { valueOf } from '../metric-value.ts'
import { registries } from '../registries.ts'
import type { FactSources } from './fact-sources.ts'

/** What a report of a defect needs, as of now. */
export async function diagnosticsOf(sources: FactSources): Promise<Diagnostics> {
  const config = sources.config()
  const secrets = secretsOf(config, registries)
  const limits = await readFile('/proc/self/limits', 'utf8').catch(() => '')
  return {
    process: {
      id: process.pid,
      node: process.version,
      v8: process.versions.v8,
      platform: process.platform,
      arch: process.arch,
    },
    memory: { ...process.memoryUsage() },
    heap: { ...getHeapStatistics() } as unknown as Record<string, number>,
    heapSpaces: getHeapSpaceStatistics().map(({ space_name: name, ...bytes }) => ({ name, bytes })),
    handles: counted(process.getActiveResourcesInfo()),
    limits: limits.split('\n').filter((line) => line !== ''),
    connections: await Promise.all(config.sources.map(({ id }) => connectionsOf(sources, id))),
    log: sources.log.recent().map((line) => withoutSecretTexts(line, secrets)),
  }
}

async function connectionsOf({ metrics }: FactSources, source: string): Promise<Diagnostics['connections'][number]> {
  const closed = (await metrics.dockerHttpClosed.get()).values.filter(({ labels }) => labels.source === source)
  return {
    source,
    opened: await valueOf(metrics.dockerHttpOpened, { source }),
    closed: Object.fromEntries(closed.map(({ labels, value }) => [String(labels.reason), value])),
    active: await valueOf(metrics.dockerHttpActive, { source }),
    idle: await valueOf(metrics.dockerHttpIdle, { source }),
  }
}

function counted(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1
  return counts
}
